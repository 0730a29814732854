"""Contain: pure planners that turn facts into a plan.

Nothing in here reads a clock, talks to AWS or writes a file: facts, options and the time come in as
arguments, a `Plan` goes out.  So a plan can be shown, compared and tested without an account.

`deny_policy` knows the texts of the denies and how to merge them without ever weakening one;
`guards` says which principals cannot be contained this way and what to do instead; `lockout` sees
whether the responder is about to cut off himself.  `sessions`, `user_key` and `blunt` plan for one
principal each; `ladder` finds the next way in when a policy quota refuses the first; `planner` puts
it together.
"""
