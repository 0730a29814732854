"""Nobody has to be awake: an event comes in, the policy decides, a flow contains.

The policy file of the people decides, never the event: what is in an event is compared with the
policy's own words and patterns, and no part of it becomes one.  What is not known (tags that cannot
be read, an account that nothing names) never counts as "no".
"""
