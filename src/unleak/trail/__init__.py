"""What a leaked credential minted and did, from CloudTrail's own records; this room only reads.

Every source (files, `LookupEvents`) is read once in full.  Of each file three things are kept: what
it adds to the coverage, the events that name something sought, and the hashes of all that it names.
When an event turns out to have minted a credential, that is sought too, and only the files whose
hashes hold it are opened again; so the closure comes to a fixpoint without reading the log twice,
and memory grows with the number of files and with what the thief did, not with the log.

An edge needs success and a child in the answer.  Nothing relies on the order of fields: the quick
reader is a JSON parser that skips what it does not need, and whatever it refuses is read with the
standard library's.  Session tokens in answers are never taken out of a record.
"""
