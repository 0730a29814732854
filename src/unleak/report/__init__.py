"""Report: what people and machines read.  Pure, except for the one module that draws.

    Plan, Incident, Credential ──> pages (words) ──> plain text, or rich on a terminal
                               ──> json_v1        ──> one JSON document, `"version": 1`
                               ──> markdown       ──> a file for the ticket

The words are made once, as a `Page` of blocks; `plain` and `rich_page` lay the same blocks out, so
the text in a pipe says all that the colours say.  Names and messages that come from AWS or from
evidence are hostile: every block is cleaned at the moment it is laid out, Markdown and JSON clean
on their own.

No text claims more than was measured: `verdict` turns outcomes and checks into one status, and
`proof_words` says what each rung of proof has shown and what it has not.
"""
