"""A cloud with a lag: an AWS double whose enforcement follows its own records by some seconds.

Reads of the control plane (`estate`) show a write at once.  Every authentication and authorization
is decided on what the control plane said a while ago (`planes`), region by region, as AWS's own
replicas do.  So a thief with IAM rights can see a deny before it bites, which is the race that
unleak has to survive.  `cloud` is the door for tests, `doors` the one for unleak's own flows in the
same process, `http` the one for the real command line.  On a `VirtualClock` minutes take no time.

Nothing in here is shipped, and nothing in here is AWS: it is checked against MiniStack and RADOS
Gateway by the scenarios in `tests/clouds`.
"""
