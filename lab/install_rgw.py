"""Install the Ceph packages that the RADOS Gateway needs, on Debian and Ubuntu, as root.

Idempotent, and quick when everything is there: `python -m lab.install_rgw`.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

_PACKAGES = {
    "ceph-mon": "ceph-mon",
    "ceph-osd": "ceph-osd",
    "radosgw": "radosgw",
    "radosgw-admin": "radosgw",
    "ceph": "ceph-common",
    "monmaptool": "ceph-common",
}


def missing() -> tuple[str, ...]:
    """Return the packages whose programs are not there."""
    lacking = {package for program, package in _PACKAGES.items() if shutil.which(program) is None}
    return tuple(sorted(lacking))


def install() -> None:
    """Install what is missing; does nothing where nothing is.

    Raises:
        CalledProcessError: apt-get failed; its own words are on the terminal.
    """
    wanted = missing()
    if not wanted:
        return
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    flags = ["-y", "-q", "--no-install-recommends"]
    for command in (["apt-get", "update", "-q"], ["apt-get", "install", *flags, *wanted]):
        subprocess.run(  # noqa: S603 - fixed commands, no shell
            command, check=True, env=environment, stdout=sys.stderr
        )


if __name__ == "__main__":
    install()
