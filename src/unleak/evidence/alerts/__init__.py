"""From somebody else's event to alerts: one sender a file, `read.py` in front of them all.

Whoever can put an event on the bus, cause a finding or name a user chooses what stands in it, so
nothing gets out of here that was not checked against the alphabet of what it claims to be, or
cleaned for a screen.  An event of no known shape is an `UnreadableEvent`; one that is known and
says that nothing leaked (an archived finding, a solved alert) is named in `Reading.ignored`, so
that a log tells the two apart.  Pure: no clock, no network, no file.
"""
