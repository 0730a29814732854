"""Nobody has to be awake: an event comes in, what leaked is cut off, and people are told.

Everything that comes in is hostile until it was checked.
"""
