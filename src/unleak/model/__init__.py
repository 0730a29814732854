"""The nouns of an incident: frozen data that imports nothing else of ours but `errors`.

A `Credential` is what leaked, a `Principal` is whose it is.  Facts that were read become a
`Situation`; a pure planner turns that into a `Plan` of `Action`s; what happened to each becomes an
`Outcome`; what was measured afterwards becomes `Proof`.  A fact that could not be read is an
`Unknown` with its reason, never an empty list: "could not look" must not read as "clean".
"""
