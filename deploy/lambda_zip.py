"""Build the archive of the Lambda function: `make lambda`.

The same sources give the same bytes (with the same Python and zlib): versions are pinned by hash,
files are in order and carry one date.  It brings its own botocore, as the one that Lambda has
changes under a function's feet.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1]
LOCK = PROJECT / "requirements" / "lambda.txt"
PYTHON = "3.13"
"""The runtime that the templates name: `python3.13`."""
POLICY = "policy.toml"
"""Where a policy file lies that `--policy` takes in: `UNLEAK_POLICY=policy.toml`."""
UNZIPPED_LIMIT = 250 * 1024 * 1024
"""https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html"""

_DATE = (1980, 1, 1, 0, 0, 0)
_OF_THE_INSTALLATION = frozenset({"RECORD", "INSTALLER", "REQUESTED", "direct_url.json"})
_GLIBC = ("_2_34", "_2_28", "_2_17", "2014")
"""What the wheels may ask for; the Amazon Linux 2023 under Python 3.12 and newer has glibc 2.34.

Source: https://docs.aws.amazon.com/linux/al2023/ug/compare-with-al2.html
"""


class Architecture(StrEnum):
    """Lambda's word for a processor; its value is in the archive's name."""

    ARM64 = "arm64"
    X86_64 = "x86_64"

    @property
    def machine(self) -> str:
        """The word for it in the names of wheels."""
        return "aarch64" if self is Architecture.ARM64 else "x86_64"


class TooLarge(Exception):
    """Lambda would refuse the archive."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Archive:
    """What was built."""

    path: Path
    zipped: int
    unzipped: int

    def __str__(self) -> str:
        mebibyte = 1024 * 1024
        sizes = f"{self.zipped / mebibyte:.1f} MiB, unpacked {self.unzipped / mebibyte:.1f} MiB"
        return f"{self.path}: {sizes}"


def build(
    architecture: Architecture,
    target: Path,
    *,
    python: str = PYTHON,
    policy: Path | None = None,
) -> Archive:
    """Build one archive.

    Args:
        architecture: what the function runs on; it need not be this machine's.
        target: the file to write.
        python: the runtime's version, as in `3.13`.
        policy: a policy file to put beside the code.

    Raises:
        CalledProcessError: pip or hatchling failed; their own words are on the terminal.
        TooLarge: past what Lambda takes.
    """
    with tempfile.TemporaryDirectory(prefix="unleak-lambda-") as folder:
        tree = Path(folder) / "tree"
        _install(tree, architecture, python)
        _add_ourselves(tree, Path(folder) / "wheel")
        if policy is not None:
            shutil.copyfile(policy, tree / POLICY)
        files = tuple(_files(tree))
        unzipped = sum(file.stat().st_size for file in files)
        if unzipped > UNZIPPED_LIMIT:
            message = f"{unzipped} bytes unpacked; Lambda takes {UNZIPPED_LIMIT}"
            raise TooLarge(message)
        target.parent.mkdir(parents=True, exist_ok=True)
        _pack(tree, files, target)
    return Archive(path=target, zipped=target.stat().st_size, unzipped=unzipped)


def _install(tree: Path, architecture: Architecture, python: str) -> None:
    platforms = [f"--platform=manylinux{glibc}_{architecture.machine}" for glibc in _GLIBC]
    command = [
        *(sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"),
        *("--no-input", "--no-compile", "--no-deps", "--only-binary=:all:"),
        *("--implementation=cp", f"--python-version={python}", *platforms),
        *("--require-hashes", "--requirement", str(LOCK), "--target", str(tree)),
    ]
    subprocess.run(command, check=True, stdout=sys.stderr)  # noqa: S603 - pip with our own arguments


def _add_ourselves(tree: Path, folder: Path) -> None:
    """Add the wheel and not the sources: its entry points are how the stores are found."""
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    environment = {**os.environ, "SOURCE_DATE_EPOCH": "315532800"}
    subprocess.run(  # noqa: S603 - hatchling with our own arguments
        command, check=True, cwd=PROJECT, env=environment, stdout=subprocess.DEVNULL
    )
    (wheel,) = folder.glob("unleak-*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tree)


def _files(tree: Path) -> Iterator[Path]:
    for path in sorted(tree.rglob("*")):
        inside = path.relative_to(tree)
        scripts = inside.parts[0] == "bin"
        of_pip = inside.parts[0].endswith(".dist-info") and path.name in _OF_THE_INSTALLATION
        if path.is_file() and not (scripts or of_pip or path.suffix == ".pyc"):
            yield path


def _pack(tree: Path, files: tuple[Path, ...], target: Path) -> None:
    with zipfile.ZipFile(target, "w", compresslevel=9) as archive:
        for file in files:
            entry = zipfile.ZipInfo(file.relative_to(tree).as_posix(), date_time=_DATE)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.create_system = 3
            entry.external_attr = 0o100644 << 16
            archive.writestr(entry, file.read_bytes(), compresslevel=9)


def main() -> None:
    """Build what the command line asks for and tell the sizes."""
    parser = argparse.ArgumentParser(prog="python -m deploy.lambda_zip", description=__doc__)
    parser.add_argument("architectures", nargs="*", type=Architecture, default=list(Architecture))
    parser.add_argument("--python", default=PYTHON)
    parser.add_argument("--policy", type=Path, help=f"put this file beside the code as {POLICY}")
    asked = parser.parse_args()
    for architecture in asked.architectures:
        target = Path("dist") / f"unleak-lambda-{architecture.value}.zip"
        archive = build(architecture, target, python=asked.python, policy=asked.policy)
        sys.stdout.write(f"{archive}\n")


if __name__ == "__main__":
    main()
