"""A place to search on this machine: paths, an environment, and repositories that git made."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import NoReturn

from unleak.model.reference import Needle, NotSearched, Reference, Searched
from unleak.model.secret import Secret
from unleak.stores.interface import KeyPair, Reach, Scene, Store

KEY_ID = "AKIAQNZGKIQYWXYZ2345"
SECRET = "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"
NEW_SECRET = "9KzT/pQ0vB+rN2mL7cX4wE8yH1gF6dS3aJ5uYiOp"
NEW = KeyPair(key_id="AKIAQNZGKIQYABCD2345", secret=Secret(NEW_SECRET))
PAIR = f"AWS_ACCESS_KEY_ID={KEY_ID}\nAWS_SECRET_ACCESS_KEY={SECRET}\n"
NEEDLE = Needle(key_id=KEY_ID)


class NoCloud:
    """Local stores have no business with AWS."""

    region = "eu-west-1"

    def _refuse(self, *_: object, **__: object) -> NoReturn:
        raise AssertionError

    ask = pages = change = _refuse


REACH = Reach(cloud=NoCloud(), account=None, environment={})


def scene(path: Path | None, environment: Mapping[str, str] | None = None) -> Scene:
    known = {"PATH": os.environ["PATH"]} if environment is None else environment
    return Scene(cloud=NoCloud(), account=None, region=None, path=path, environment=known)


class Findings:
    """What one search yielded, by kind."""

    def __init__(
        self,
        store: Store,
        path: Path | None,
        environment: Mapping[str, str] | None = None,
        needle: Needle = NEEDLE,
    ) -> None:
        self.all = tuple(store.search(needle, scene(path, environment)))
        self.references = [each for each in self.all if isinstance(each, Reference)]
        self.searched = [each for each in self.all if isinstance(each, Searched)]
        self.gaps = [each for each in self.all if isinstance(each, NotSearched)]

    @property
    def locations(self) -> set[str]:
        return {each.location for each in self.references}


class Repo:
    """A repository that git itself makes, with dates and names that do not change."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self.git("init", "--quiet", "--initial-branch=main")

    def git(self, *arguments: str) -> str:
        known = {
            "PATH": os.environ["PATH"],
            "HOME": str(self.folder),
            "GIT_CONFIG_NOSYSTEM": "1",
            **{f"GIT_{who}_NAME": "Somebody" for who in ("AUTHOR", "COMMITTER")},
            **{f"GIT_{who}_EMAIL": "s@example.com" for who in ("AUTHOR", "COMMITTER")},
        }
        done = subprocess.run(  # noqa: S603 - git, no shell
            ["git", "-C", str(self.folder), *arguments],  # noqa: S607 - as people call it
            check=True,
            capture_output=True,
            text=True,
            env=known,
        )
        return done.stdout.strip()

    def commit(self, files: Mapping[str, str | bytes | None], message: str = "Change") -> str:
        """Commit files (None: take it away) and return the commit's id."""
        for name, content in files.items():
            path = self.folder / name
            if content is None:
                path.unlink()
                continue
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content.encode() if isinstance(content, str) else content)
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "--message", message)
        return self.git("rev-parse", "HEAD")
