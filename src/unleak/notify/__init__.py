"""Messages to people: by SNS and SES with the responder's own session, by chat and pager otherwise.

A destination that fails or hangs stops neither the others nor the containment: what became of each
is returned as data, and nothing is raised.
"""
