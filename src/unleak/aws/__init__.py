"""The only room that talks to AWS, and the only one that imports botocore.

A `session.AwsSession` holds the responder's settings and makes clients, lazily and once each.
`exchange.ask` makes one call: it waits and tries again within a deadline, sets the clock from the
answer's `Date` header, and turns whatever went wrong into one of our own errors.  `AwsReader` asks
questions, `AwsWriter` makes changes, and no object does both; `AwsProber` signs harmless calls with
a credential that is not the responder's.  botocore's dictionaries are parsed here, once, into the
nouns of `model`; its exceptions never leave.

Importing a module of this room does not load botocore: that happens when the first client is made,
because loading it costs more than everything else that a short command does.
"""
