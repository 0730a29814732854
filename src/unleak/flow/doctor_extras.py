"""Which of the libraries are installed that only some commands need."""

from __future__ import annotations

from importlib.util import find_spec

from unleak.model.frozen import dataclass
from unleak.model.preflight import Fitness, PreflightCheck


@dataclass(frozen=True, slots=True, kw_only=True)
class Extra:
    """One extra of the package: `pip install 'unleak[NAME]'`."""

    name: str
    modules: tuple[str, ...]
    use: str
    """What needs it."""


EXTRAS = (
    Extra(
        name="trail",
        modules=("isal", "msgspec", "obstore", "zstandard"),
        use="`trace` and `--cascade` read large trails quickly with it, slowly without",
    ),
    Extra(name="rows", modules=("duckdb",), use="`trace --rows` and what reads them"),
    Extra(name="spark", modules=("pyspark",), use="`trace --engine spark`"),
    Extra(name="vault", modules=("hvac",), use="`find` and `rotate` in HashiCorp Vault"),
    Extra(name="k8s", modules=("kubernetes",), use="`find` and `rotate` in Kubernetes"),
    Extra(name="github", modules=("nacl",), use="`rotate` into secrets of GitHub Actions"),
    Extra(name="notify", modules=("apprise",), use="`respond` telling chats and pagers"),
)
"""Every extra of `pyproject.toml`; a test compares."""


def extra_checks() -> tuple[PreflightCheck, ...]:
    """Return one check for each extra; a missing one is a warning, nothing waits for it."""
    return tuple(_check(each) for each in EXTRAS)


def _check(extra: Extra) -> PreflightCheck:
    missing = [name for name in extra.modules if find_spec(name) is None]
    if not missing:
        return PreflightCheck(name=f"extra-{extra.name}", outcome=Fitness.OK, detail=extra.use)
    return PreflightCheck(
        name=f"extra-{extra.name}",
        outcome=Fitness.WARNING,
        detail=f"not installed ({', '.join(missing)}): {extra.use}",
        fix=f"pip install 'unleak[{extra.name}]'",
    )
