"""The command line: one thin file a command, which parses, calls a flow and renders.

`main` is the outermost frame: it turns our errors into words, an exit code and, with `--json`, one
JSON document.  Command modules are imported only when they run, so that `unleak --help` and the
offline half of `unleak identify` start without AWS or drawing code.  Results go to stdout, talk and
questions to stderr.
"""
