"""The clouds on which unleak proves what it says, and the tools to put them in trouble.

Nothing in here is shipped.  `ministack` and `rgw` each start one server that enforces IAM policies
(one written as an AWS double, one a production object store) on a free loopback port and end only
what they started.  Both are a `Cloud`: they make roles, users and sessions, and say by plain
botocore calls whether a credential is served, denied or dead, so that a verdict never leans on
unleak's own code.  `proxy` stands in front of a cloud, writes down every API call in order, and can
delay, break, throttle, drop or re-date answers, or call a hook at the instant a chosen request
passes.  `lagging` is a cloud of our own whose enforcement follows its records by some seconds,
which no other double does; it has to give the same verdicts as the other two.  `thief` fights back
on it, `arena` lets him and a defence fight it out, and `fight_table` is every such fight with what
came of it.  `command_line` runs the real `python -m unleak` as a person or a script would.  `demo`
is the main job told on the terminal; it is a test too, and fails when what it tells did not happen.
"""
