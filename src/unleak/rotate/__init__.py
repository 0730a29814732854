"""A long-lived key gets a successor everywhere, in steps that survive any crash."""
