"""Where in a home folder programs keep AWS keys, or what was typed with one in it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from unleak.model.frozen import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A file or folder that may hold keys."""

    path: Path
    kind: str


_SETTINGS: Final = (
    ".aws",  # credentials, config, and the caches of the CLI, Identity Center and `aws login`
    ".boto",
    ".bash_profile",
    ".bashrc",
    ".cargo/credentials.toml",
    ".config/environment.d",
    ".config/fish",
    ".config/pip",
    ".config/rclone",
    ".config/s3cmd",
    ".config/systemd/user",
    ".dbt/profiles.yml",
    ".docker/config.json",
    ".env",
    ".envrc",
    ".git-credentials",
    ".gitconfig",
    ".gradle/gradle.properties",
    ".kube/config",
    ".m2/settings.xml",
    ".mc/config.json",
    ".netrc",
    ".npmrc",
    ".passwd-s3fs",
    ".pgpass",
    ".profile",
    ".pypirc",
    ".rclone.conf",
    ".s3cfg",
    ".s3ql/authinfo2",
    ".ssh/config",
    ".ssh/environment",
    ".terraform.d/credentials.tfrc.json",
    ".terraformrc",
    ".zprofile",
    ".zshenv",
    ".zshrc",
)
_HISTORIES: Final = (
    ".ash_history",
    ".bash_history",
    ".duckdb_history",
    ".histfile",
    ".history",
    ".ipython/profile_default/history.sqlite",
    ".irb_history",
    ".ksh_history",
    ".lesshst",
    ".local/share/fish/fish_history",
    ".local/share/powershell/PSReadLine",
    ".config/nushell",
    ".mysql_history",
    ".node_repl_history",
    ".psql_history",
    ".python_history",
    ".rediscli_history",
    ".sh_history",
    ".sqlite_history",
    ".viminfo",
    ".zhistory",
    ".zsh_history",
    ".zsh_sessions",
    "AppData/Roaming/Microsoft/Windows/PowerShell/PSReadLine",
)
_NAMED: Final = {
    "AWS_CONFIG_FILE": "settings",
    "AWS_SHARED_CREDENTIALS_FILE": "settings",
    "BOTO_CONFIG": "settings",
    "HISTFILE": "shell-history",
    "KUBECONFIG": "settings",
    "NETRC": "settings",
    "RCLONE_CONFIG": "settings",
}
"""The environment variables with which people move such files elsewhere."""


def home_folder(environment: Mapping[str, str]) -> Path:
    """Return the person's home folder.

    Args:
        environment: whose `HOME` or `USERPROFILE` counts.
    """
    named = environment.get("HOME") or environment.get("USERPROFILE")
    return Path(named) if named else Path.home()


def places(home: Path, environment: Mapping[str, str]) -> Iterator[Place]:
    """Yield every file and folder worth a look that is there.

    Args:
        home: the home folder.
        environment: may name others.
    """
    for kind, names in (("settings", _SETTINGS), ("shell-history", _HISTORIES)):
        for name in names:
            yield Place(path=home / name, kind=kind)
    for variable, kind in _NAMED.items():
        named = environment.get(variable)
        if named and "\0" not in named:
            yield Place(path=Path(named).expanduser(), kind=kind)
