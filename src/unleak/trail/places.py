"""Read where a trail is searched, as a person writes it: `athena:...`, `lake:...`, `s3://...?...`.

Every name that gets into a statement comes through here, and may hold nothing that SQL would read
as anything but a name.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qsl

from unleak.errors import WrongUse
from unleak.model.query import AthenaPlace, LakePlace

if TYPE_CHECKING:
    from collections.abc import Mapping

ATHENA: Final = "athena:"
LAKE: Final = "lake:"
_ATHENA_HINT: Final = (
    "write athena:DATABASE.TABLE or athena:CATALOG.DATABASE.TABLE, and after it, where needed,"
    " ?workgroup=NAME&output=s3://BUCKET/PREFIX/"
)
_LAKE_HINT: Final = "write lake: and the id or the ARN of the event data store"
_NAME: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_-]{0,127}")
_WORKGROUP: Final = re.compile(r"[A-Za-z0-9._-]{1,128}")
"""Source: https://docs.aws.amazon.com/athena/latest/APIReference/API_StartQueryExecution.html"""
BUCKET: Final = re.compile(r"s3://([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])((?:/[A-Za-z0-9!_.*()=@+-]*)*)")
_STORE: Final = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_ARN: Final = re.compile(
    r"arn:aws[a-z-]*:cloudtrail:([a-z0-9-]{5,30}):([0-9]{12}):eventdatastore/([0-9a-fA-F-]{36})"
)


def parse_athena(text: str) -> AthenaPlace:
    """Return the table that a person named.

    Args:
        text: `athena:[CATALOG.]DATABASE.TABLE[?workgroup=NAME&output=s3://BUCKET/PREFIX/]`.

    Raises:
        WrongUse: it is not of that form.
    """
    path, _, query = text.removeprefix(ATHENA).partition("?")
    names = path.split(".")
    if len(names) not in {2, 3} or not all(_NAME.fullmatch(each) for each in names):
        message = f"{text[:200]!a} names no table"
        raise WrongUse(message, hint=_ATHENA_HINT)
    options = parse_options(query, allowed={"workgroup", "output"}, hint=_ATHENA_HINT)
    workgroup, output = options.get("workgroup"), options.get("output")
    if workgroup is not None and not _WORKGROUP.fullmatch(workgroup):
        message = f"{workgroup[:200]!a} is no name of a workgroup"
        raise WrongUse(message, hint=_ATHENA_HINT)
    if output is not None and not BUCKET.fullmatch(output):
        message = f"{output[:200]!a} is no place on S3"
        raise WrongUse(message, hint=_ATHENA_HINT)
    if len(names) == 2:  # noqa: PLR2004 - database and table
        return AthenaPlace(database=names[0], table=names[1], workgroup=workgroup, output=output)
    catalog, database, table = names
    return AthenaPlace(
        catalog=catalog, database=database, table=table, workgroup=workgroup, output=output
    )


def parse_lake(text: str) -> LakePlace:
    """Return the event data store that a person named.

    Args:
        text: `lake:ID` or `lake:ARN`.

    Raises:
        WrongUse: it is neither.
    """
    named = text.removeprefix(LAKE)
    if _STORE.fullmatch(named):
        return LakePlace(store=named)
    found = _ARN.fullmatch(named)
    if found is None or not _STORE.fullmatch(found[3]):
        message = f"{text[:200]!a} names no event data store"
        raise WrongUse(message, hint=_LAKE_HINT)
    return LakePlace(store=found[3], region=found[1], owner=found[2])


def parse_options(query: str, *, allowed: set[str], hint: str) -> Mapping[str, str]:
    """Return what follows a question mark, each name once.

    Args:
        query: `a=b&c=d`; may be empty.
        allowed: the names that mean something here.
        hint: what to tell somebody who wrote another.

    Raises:
        WrongUse: a name is unknown, there twice, or without a value.
    """
    if not query:
        return {}
    try:
        pairs = parse_qsl(query, keep_blank_values=True, strict_parsing=True, max_num_fields=10)
    except ValueError as error:
        message = f"{query[:200]!a} is no list of options"
        raise WrongUse(message, hint=hint) from error
    names = [name for name, _ in pairs]
    odd = next((n for n, v in pairs if n not in allowed or names.count(n) > 1 or not v), None)
    if odd is not None:
        message = f"the option {odd[:80]!a} is unknown, empty or there twice"
        raise WrongUse(message, hint=hint)
    return dict(pairs)
