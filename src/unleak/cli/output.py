"""Where results and errors go: one JSON document on stdout, or words."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from unleak.errors import UnleakError
    from unleak.report.json_v1 import Document
    from unleak.report.terminal import Screen


def screen() -> Screen:
    """Return the screen: results on stdout, talk on stderr."""
    from unleak.report.terminal import Screen  # noqa: PLC0415 - only where something is shown

    return Screen(out=sys.stdout, err=sys.stderr)


def print_json(document: Document) -> None:
    """Print one JSON document on stdout."""
    from unleak.report.json_v1 import to_text  # noqa: PLC0415 - only with --json

    sys.stdout.write(to_text(document) + "\n")
    sys.stdout.flush()


def show_error(error: UnleakError, *, as_json: bool) -> None:
    """Say what happened and what to do next; with `--json` on stdout, else on stderr."""
    if as_json:
        from unleak.report.json_v1 import error_document  # noqa: PLC0415 - only with --json

        print_json(error_document(error))
        return
    screen().error(error)
