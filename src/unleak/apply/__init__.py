"""Apply: the only room that writes, to AWS and to disk.

    plan ──▶ journal: intent ──▶ call ──▶ journal: outcome

The journal is one SQLite file that only ever grows.  What is about to be done is on disk before the
call leaves, what came of it right after, so that the journal alone explains a crash at any instant:
`journal` appends, `fold` turns the entries back into an `Incident`, `codec` is the model's form
on disk and refuses secrets, `database` is SQLite as the journal needs it.

`engine` is the only interpreter of actions.  `reality` asks AWS in which state the thing is that an
action changes; on it rest `reconcile` (what a resume still has to do), `undo` (putting back, never
what would revive the leak) and `cleanup` (the same for denies past their safe date, everywhere).
`lock` keeps two processes off one incident, `home` is the folder where all of it lives.
"""
