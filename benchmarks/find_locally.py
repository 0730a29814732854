"""Look for the bench's key with one local store, as `unleak find` does: STORE PATH."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import NoReturn

from benchmarks.haystack import KEY_ID
from unleak.model.reference import Needle, Reference
from unleak.stores.file import File
from unleak.stores.git import Git
from unleak.stores.interface import Scene, Store


class NoCloud:
    """Local stores make no AWS call."""

    region = "eu-west-1"

    def ask(self, *_: object, **__: object) -> NoReturn:
        """Refuse."""
        raise AssertionError

    pages = ask


def main() -> None:
    """Print a line for each place."""
    name, path = sys.argv[1:]
    stores: dict[str, Store] = {"file": File(), "git": Git()}
    scene = Scene(
        cloud=NoCloud(), account=None, region=None, path=Path(path), environment=dict(os.environ)
    )
    for finding in stores[name].search(Needle(key_id=KEY_ID), scene):
        if isinstance(finding, Reference):
            sys.stdout.write(f"{finding.where}\n")


if __name__ == "__main__":
    main()
