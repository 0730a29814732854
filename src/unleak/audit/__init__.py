"""Judges long-lived credentials: how risky each is and why, and what could take its place.

What the account holds comes in as data (`model.holding`), and findings go out.  Nothing here asks
AWS, looks at a clock or writes a file, so every judgement can be tested and explained by itself.

A credential that nobody could look at is not a finding: it is in the result's `not_audited`.
"""
