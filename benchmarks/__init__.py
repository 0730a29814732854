"""The bench: how long a thief has from the moment somebody presses Enter.

`make bench` starts MiniStack behind a recording relay on the loopback interface and runs,
interleaved and one at a time, `unleak revoke role/NAME --yes`, `aws iam put-role-policy` and a bare
boto3 script, each against a fresh role with a live session.  What counts is process start to the
server's acceptance of the deny; after every run the session is tried, and a run that left it alive
fails the bench.  `RESULTS.md` is written by the bench and by nothing else.
"""
