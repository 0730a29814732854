"""Fetch the libraries that the HTML report carries, as `assets/sources.json` names them.

`python -m lab.report_assets` fetches them again and fails where a byte differs.  To renew one,
write its new version into the file, empty its hashes, run this, and read what it wrote.  Needs npm.
"""

from __future__ import annotations

import base64
import hashlib
import json
import subprocess
import sys
import tarfile
import tempfile
from dataclasses import dataclass
from pathlib import Path

ASSETS = Path(__file__).resolve().parents[1] / "src" / "unleak" / "report" / "assets"
SOURCES = ASSETS / "sources.json"


@dataclass(frozen=True, kw_only=True)
class Bundled:
    """One file of ours that comes out of a package."""

    name: str
    in_package: str
    sha256: str
    """Empty: whatever the package holds is taken, and its hash written down."""


@dataclass(frozen=True, kw_only=True)
class Library:
    """One package of the npm registry."""

    name: str
    version: str
    integrity: str
    """The registry's own hash of the package; empty: whatever comes is taken."""
    files: tuple[Bundled, ...]


def libraries() -> tuple[Library, ...]:
    """Return what `sources.json` names."""
    return tuple(
        Library(
            name=name,
            version=about["version"],
            integrity=about["package_integrity"],
            files=tuple(
                Bundled(name=file, in_package=each["in_package"], sha256=each["sha256"])
                for file, each in about["files"].items()
            ),
        )
        for name, about in json.loads(SOURCES.read_text(encoding="utf-8")).items()
    )


def sha256_of(content: bytes) -> str:
    """Return the hash as `sources.json` writes it."""
    return hashlib.sha256(content).hexdigest()


def main() -> int:
    """Fetch every library, compare its hashes, and write its files."""
    known = json.loads(SOURCES.read_text(encoding="utf-8"))
    for library in libraries():
        with tempfile.TemporaryDirectory() as folder:
            package = _packed(library, Path(folder))
            integrity = _integrity(package)
            if library.integrity not in ("", integrity):
                sys.exit(f"{library.name} {library.version} is not the package that was named")
            known[library.name]["package_integrity"] = integrity
            for file in library.files:
                content = _taken(package, file.in_package)
                digest = sha256_of(content)
                if file.sha256 not in ("", digest):
                    sys.exit(f"{file.name} is not the file that was named")
                known[library.name]["files"][file.name]["sha256"] = digest
                (ASSETS / file.name).write_bytes(content)
    SOURCES.write_text(json.dumps(known, indent=2) + "\n", encoding="utf-8")
    return 0


def _packed(library: Library, folder: Path) -> Path:
    subprocess.run(  # noqa: S603 - npm with a name and a version from our own file
        ["npm", "pack", "--silent", f"{library.name}@{library.version}"],  # noqa: S607 - on PATH
        cwd=folder,
        check=True,
        stdout=subprocess.DEVNULL,
    )
    (package,) = folder.glob("*.tgz")
    return package


def _integrity(package: Path) -> str:
    digest = hashlib.sha512(package.read_bytes()).digest()
    return f"sha512-{base64.b64encode(digest).decode()}"


def _taken(package: Path, name: str) -> bytes:
    with tarfile.open(package) as archive:
        member = archive.extractfile(name)
        if member is None:
            sys.exit(f"{name} is no file")
        return member.read()


if __name__ == "__main__":
    raise SystemExit(main())
