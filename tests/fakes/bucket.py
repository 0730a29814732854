"""A bucket in memory, with all that can be wrong; and a trail as CloudTrail lays it out."""

from __future__ import annotations

import random
import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from fakes.trails import ACCOUNT, START, assume, call, delivered, key_of
from unleak.errors import MissingPermission, UnleakError
from unleak.model.bucket import Listed, Page

if TYPE_CHECKING:
    from collections.abc import Iterator

ORGANIZATION = "o-exampleorg1"
ACCOUNTS = (ACCOUNT, "444455556666")
REGIONS = ("eu-central-1", "us-east-1")
WRITTEN = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)


@dataclass(kw_only=True)
class MemoryBucket:
    """Lists and fetches as S3 does; `denied` and `failing` refuse by prefix and by key.

    Args:
        objects: the bytes of each key.
        denied: prefixes that may not be listed, nor what begins with them.
        failing: what fetching a key raises.
        page: keys on one page.
    """

    objects: dict[str, bytes]
    denied: tuple[str, ...] = ()
    failing: dict[str, UnleakError] = field(default_factory=dict)
    page: int = 3
    name: str = "trail"
    at_once: int = 4
    listings: list[tuple[str, str]] = field(default_factory=list)
    fetched: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def pages(self, prefix: str, *, after: str = "", by_level: bool = False) -> Iterator[Page]:
        self.listings.append((prefix, after))
        if any(prefix.startswith(each) for each in self.denied):
            message = "not allowed to call ListObjectsV2: no"
            raise MissingPermission(message)
        keys = sorted(each for each in self.objects if each.startswith(prefix) and each > after)
        folders: dict[str, None] = {}
        listed: list[Listed] = []
        for key in keys:
            name, slash, _ = key[len(prefix) :].partition("/")
            if by_level and slash:
                folders[f"{prefix}{name}/"] = None
                continue
            listed.append(Listed(key=key, size=len(self.objects[key]), modified=WRITTEN))
        yield Page(folders=tuple(folders))
        for start in range(0, len(listed), self.page):
            yield Page(objects=tuple(listed[start : start + self.page]))

    def fetch(self, key: str, *, most: int) -> bytes:
        with self.lock:
            self.fetched.append(key)
        if key in self.failing:
            raise self.failing[key]
        content = self.objects[key]
        assert len(content) <= most
        return content


def log_key(
    number: int,
    *,
    account: str = ACCOUNT,
    region: str = "us-east-1",
    at: datetime = START,
    organization: str | None = None,
    prefix: str = "",
) -> str:
    """Return a key as CloudTrail makes it.

    Args:
        number: tells keys of one minute apart.
        account: whose log it is.
        region: of the events in it.
        at: when it was delivered.
        organization: None: a trail of one account.
        prefix: what the trail puts in front.
    """
    where = f"{prefix}AWSLogs/" + ("" if organization is None else f"{organization}/")
    name = f"{account}_CloudTrail_{region}_{at:%Y%m%dT%H%MZ}_{number:016d}.json.gz"
    return f"{where}{account}/CloudTrail/{region}/{at:%Y/%m/%d}/{name}"


def organization_trail(depth: int, *, noise: int = 9) -> dict[str, bytes]:
    """Return a trail of an organization, beside it an account's own with copies of the events.

    A chain of sessions goes from account to account and from region to region, an event a day;
    each session makes a call; the digests and insights are there, and another service's logs.

    Args:
        depth: sessions in the chain.
        noise: random bytes in each log, in an event of somebody else.
    """
    dice = random.Random(depth)  # noqa: S311 - the same noise each time
    found: dict[str, bytes] = {}
    for number in range(depth + 1):
        events = [call(10_000 + number, "RunInstances", key_of(number))]
        if number < depth:
            events.append(assume(20_000 + number, key_of(number), key_of(number + 1)))
        account, region = ACCOUNTS[number % 2], REGIONS[number // 2 % 2]
        foreign = key_of(900_000 + number)
        agent = dice.randbytes(noise).hex()
        events.append(call(30_000 + number, "Noise", foreign, userAgent=agent))
        at = START + timedelta(days=depth - number)  # children are delivered before their parents
        content = delivered(events)
        key = log_key(number, account=account, region=region, at=at, organization=ORGANIZATION)
        found[key] = content
        found[log_key(number, account=account, region=region, at=at)] = content
    own = f"AWSLogs/{ORGANIZATION}/{ACCOUNT}"
    for name in ("CloudTrail-Digest", "CloudTrail-Insight", "CloudTrail-NetworkActivity"):
        found[f"{own}/{name}/us-east-1/2026/11/24/x.json.gz"] = b"no log"
    found[f"{own}/elasticloadbalancing/us-east-1/2026/11/24/x.log.gz"] = b"no log"
    return found
