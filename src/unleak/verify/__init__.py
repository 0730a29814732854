"""Verify: how sure are we that the leak is dead?  A ladder, each rung reported by itself.

1. read-back: what we wrote is (still) there.  Proves the write, nothing more.
2. simulated: AWS's own reading of the policies denies a session from before the cut-off and spares
   one from after it.  Proves the text, not that the text is in force everywhere.
3. canary: a session of ours from before the cut-off is refused.  Proves enforcement without the
   stolen secret.
4. live: the leaked credential itself is refused, in several services and regions.

A refusal alone proves little: a role that never could list queues is refused too.  So a refusal
counts when its words name an explicit deny, or when the same call was served before the cut, or is
served to a session that we minted after it (the control group).  Nothing here trusts a single
answer: enforcement spreads over replicas, so refusals have to come in a row, and one that is served
again starts the count anew.  What could not be tried is listed as skipped with its reason; the
level reported is the weakest among the leaked credentials, never the best.
"""
