"""Flow: the river from evidence to proof, one file for each thing a person can ask for.

    evidence -> identify (reads) -> contain (pure) -> [the question] -> apply (the only writer)
             -> verify (probes) -> report (pure)

Nothing in here parses a command line or draws: `cli` and the library are thin shells over these
functions.  A `Request` says what is wanted, `Doors` give the reader, the writer and the prober of
one cloud, a `Person` answers questions and hears of progress.  A dry run is a flow that never asks
for the writer.
"""
