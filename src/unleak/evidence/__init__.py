"""Evidence: from whatever a person has in hand to the credentials in it.

People in a hurry paste terminal dumps, log lines, JSON, configuration files, screenshots typed off
by hand.  This room reads all of that as plain text, offline, in time linear in its length, and
never fails on it: what cannot be read becomes a note that says what is wrong and what to do.

The stream: `surface` undoes what terminals, shells and JSON did to the text; `scan` finds the
parts (key ids, secrets, tokens, expiries, ARNs); `scopes` says which stand in the same object,
profile or block; `pairing` joins what belongs together and refuses where two readings are possible;
`doubts` explains near misses; `paste` puts it into an `Evidence`.

One rule stands above all: a secret is never joined with the id of somebody else.  A lost pairing
costs a live probe; a wrong one makes a live credential look dead.  Secrets leave here only inside
`Secret`; notes hold key ids and counts, nothing else.
"""
