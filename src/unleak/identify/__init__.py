"""From evidence to facts: what leaked, of which account, whose it is, what it can do; reads only.

Nothing in here can change AWS: every function receives a `Reader`, never a `Writer`.  Round trips
count, because the thief's clock runs: what can be asked at once is (`questions.Round`), and a
second round asks only what is still missing.

One failing question never stops the others.  It becomes a note or an `Unknown` with its reason;
only the responder's own dead credentials, a wrong clock and a silent endpoint end the work.

What AWS tells wins over what an id decodes to, and both win over what the evidence or a person
says; a contradiction is always noted.  The leaked credential itself signs a question only with
consent (`consent.may_sign`).  CloudTrail is hostile text: `trail_event` reads it defensively.

`who` puts names to credentials, `lineage` finds a session's owner in CloudTrail, `facts` reads what
a plan rests on, `quotas` the account's limits, `reach` says in plain words what the leak can do.
"""
