"""The statement that makes a table of a trail's bucket for Athena, with a partition for each day.

The columns are those of `columns`, with AWS's types.  Nothing is run: a person reads the statement
and runs it.  Accounts and regions are listed, because a projected partition that is not listed is
not read, and nobody is told.
Sources: https://docs.aws.amazon.com/athena/latest/ug/create-cloudtrail-table-partition-projection.html
https://docs.aws.amazon.com/awscloudtrail/latest/userguide/get-and-view-cloudtrail-log-files.html
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from unleak.errors import WrongUse
from unleak.model.frozen import dataclass
from unleak.trail.columns import ANSWER, COLUMNS, REQUEST
from unleak.trail.places import BUCKET, parse_options

if TYPE_CHECKING:
    from collections.abc import Iterator

_HINT: Final = (
    "write s3://BUCKET[/PREFIX]?accounts=111122223333,...&regions=us-east-1,...&from=2026/01/01,"
    " and &organization=o-... for an organization's trail"
)
_ACCOUNT: Final = re.compile(r"[0-9]{12}")
_REGION: Final = re.compile(r"[a-z]{2,4}(?:-[a-z]{3,10}){1,3}-[0-9]{1,2}")
_DAY: Final = re.compile(r"20[0-9]{2}/(?:0[1-9]|1[0-2])/(?:0[1-9]|[12][0-9]|3[01])")
_ORGANIZATION: Final = re.compile(r"o-[a-z0-9]{10,32}")
NAME: Final = "unleak_trail"
"""The table's name, for whoever reads the statement to change."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bucket:
    """A bucket with a trail in it."""

    address: str
    """`s3://BUCKET/PREFIX`, without a slash at the end."""
    accounts: tuple[str, ...]
    regions: tuple[str, ...]
    first_day: str
    organization: str | None = None

    @property
    def root(self) -> str:
        """The folder above the accounts'."""
        below = "" if self.organization is None else f"/{self.organization}"
        return f"{self.address}/AWSLogs{below}"


def parse_bucket(text: str) -> Bucket:
    """Return the bucket that a person described.

    Args:
        text: `s3://BUCKET[/PREFIX]?accounts=...&regions=...&from=YYYY/MM/DD[&organization=o-...]`.

    Raises:
        WrongUse: something is missing, or is not of that form.
    """
    address, _, query = text.partition("?")
    address = address.rstrip("/").removesuffix("/AWSLogs")
    names = {"accounts", "regions", "from", "organization"}
    options = parse_options(query, allowed=names, hint=_HINT)
    bucket = Bucket(
        address=address,
        accounts=tuple(options.get("accounts", "").split(",")),
        regions=tuple(options.get("regions", "").split(",")),
        first_day=options.get("from", ""),
        organization=options.get("organization"),
    )
    wrong = next(_wrong(bucket), None)
    if wrong is not None:
        message = f"{wrong[:200]!a} is missing, or not what belongs there"
        raise WrongUse(message, hint=_HINT)
    return bucket


def _wrong(bucket: Bucket) -> Iterator[str]:
    if BUCKET.fullmatch(bucket.address) is None:
        yield bucket.address
    yield from (f"account {a}" for a in bucket.accounts if not _ACCOUNT.fullmatch(a))
    yield from (f"region {r}" for r in bucket.regions if not _REGION.fullmatch(r))
    if _DAY.fullmatch(bucket.first_day) is None:
        yield f"from {bucket.first_day}"
    if bucket.organization is not None and not _ORGANIZATION.fullmatch(bucket.organization):
        yield bucket.organization


def table_statement(bucket: Bucket) -> str:
    """Return the statement.

    Args:
        bucket: where the trail is.
    """
    columns = ",\n  ".join(_columns())
    accounts, regions = ",".join(bucket.accounts), ",".join(bucket.regions)
    template = bucket.root + "/${account}/CloudTrail/${region}/${day}"
    return f"""\
CREATE EXTERNAL TABLE {NAME} (
  {columns}
)
PARTITIONED BY (`account` STRING, `region` STRING, `day` STRING)
ROW FORMAT SERDE 'org.apache.hive.hcatalog.data.JsonSerDe'
STORED AS INPUTFORMAT 'com.amazon.emr.cloudtrail.CloudTrailInputFormat'
OUTPUTFORMAT 'org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat'
LOCATION '{bucket.root}/'
TBLPROPERTIES (
  'classification' = 'cloudtrail',
  'projection.enabled' = 'true',
  'projection.account.type' = 'enum',
  'projection.account.values' = '{accounts}',
  'projection.region.type' = 'enum',
  'projection.region.values' = '{regions}',
  'projection.day.type' = 'date',
  'projection.day.format' = 'yyyy/MM/dd',
  'projection.day.range' = '{bucket.first_day},NOW',
  'projection.day.interval' = '1',
  'projection.day.interval.unit' = 'DAYS',
  'storage.location.template' = '{template}'
);
"""


def _columns() -> Iterator[str]:
    """Yield the table's columns: the first step of each path, once."""
    firsts = dict.fromkeys(column.path[0] for column in COLUMNS)
    for first in firsts:
        fields = [c.path[1] for c in COLUMNS if c.path[0] == first and c.path[1:]]
        if not fields or first in {REQUEST, ANSWER}:
            yield f"{first.lower()} STRING"
        else:
            inner = ", ".join(f"{field.lower()}: STRING" for field in fields)
            yield f"{first.lower()} STRUCT<{inner}>"


NEEDED: Final = frozenset(column.path[0].lower() for column in COLUMNS)
"""The columns that a table must have to be traced in."""
