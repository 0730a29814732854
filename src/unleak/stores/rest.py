"""JSON over HTTPS for the stores whose API needs no more: the token goes to one origin only.

Proxies and certificate bundles come from the environment, as for every other tool on the machine.
"""

from __future__ import annotations

import json
import re
import time
from typing import TYPE_CHECKING, Final
from urllib.parse import urlencode, urljoin, urlsplit

import urllib3
from urllib3.exceptions import HTTPError, SSLError

from unleak.errors import WrongUse
from unleak.model.frozen import dataclass
from unleak.stores.failures import (
    TOO_MANY,
    StoreRefused,
    StoreSilent,
    cleaned,
    refusal,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from unleak.model.secret import Secret

_TIMEOUT: Final = urllib3.Timeout(connect=5.0, read=30.0)
_REDIRECTS: Final = frozenset({301, 302, 307, 308})
_TRIES: Final = 4
_LONGEST_WAIT: Final = 60.0
"""Who asks for more patience than this gets a report, not a process that seems to hang."""
_MOST_PAGES: Final = 1_000
_LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})
_NEXT: Final = re.compile(r'<([^<>]{1,2000})>\s*;[^<>]{0,200}?rel="?next"?')


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One answer; `body` is the parsed JSON, None where there is none."""

    status: int
    headers: Mapping[str, str]
    body: object

    @property
    def fields(self) -> Mapping[str, object]:
        """The body as an object; empty where it is none."""
        return self.body if isinstance(self.body, dict) else {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """Whom to talk to, and how to say who we are."""

    title: str
    """The name that messages use: "GitHub"."""
    base: str
    """The address that paths are appended to, without a slash at the end."""
    headers: Mapping[str, str]
    """What goes with every request, the token included."""
    token: Secret
    """The token by itself: no message may show it."""
    setting: str
    """The environment variable that a hint about a wrong address names."""


class Rest:
    """Ask one service; reading calls are tried again, changing ones only where nothing was done.

    Args:
        service: whom to talk to.
        environment: where proxies and certificate bundles are named.
        wait: how to wait for a number of seconds.

    Raises:
        WrongUse: the address is no HTTPS address; on the loopback plain HTTP is fine.
    """

    def __init__(
        self,
        service: Service,
        environment: Mapping[str, str],
        *,
        wait: Callable[[float], None] = time.sleep,
    ) -> None:
        self._service = service
        self._wait = wait
        where = urlsplit(service.base)
        is_safe = where.scheme == "https" or (
            where.scheme == "http" and where.hostname in _LOOPBACK
        )
        if not is_safe:
            message = f"{service.setting}={cleaned(service.base)} is no https:// address"
            raise WrongUse(message, hint="a token must not travel unencrypted")
        self._origin = (where.scheme, where.netloc)
        self._pool = _pool(where.scheme, where.hostname or "", environment)

    def ask(
        self,
        method: str,
        path: str,
        query: Mapping[str, str] | None = None,
        body: Mapping[str, object] | None = None,
        *,
        secrets: tuple[Secret, ...] = (),
    ) -> Told:
        """Make one call.

        Args:
            method: GET, POST, PUT, PATCH or DELETE.
            path: behind the base address, each part of it quoted; starts with a slash.
            query: what follows the question mark.
            body: what is sent as JSON.
            secrets: values in the body that no message may show.

        Raises:
            StoreRefused: it answered, and not with success.
            StoreSilent: it did not answer.
        """
        url = self._service.base + path + (f"?{urlencode(query)}" if query else "")
        what = f"{self._service.title}: {method} {cleaned(path)}"
        hidden = (self._service.token, *secrets)
        sent = None if body is None else json.dumps(body).encode()
        for left in reversed(range(_TRIES)):
            answer = self._follow(method, url, sent, what)
            patience = _patience(method, answer, left)
            if patience is None:
                break
            self._wait(patience)
        if not 200 <= answer.status < 300:  # noqa: PLR2004 - HTTP's own success
            raise refusal(what, answer.status, _words(answer), hidden)
        return answer

    def pages(self, path: str, query: Mapping[str, str] | None = None) -> Iterator[Told]:
        """Make a listing call until its `Link` header names no next page.

        Raises:
            StoreRefused: it answered, and not with success, or never came to an end.
            StoreSilent: it did not answer.
        """
        what = f"{self._service.title}: GET {cleaned(path)}"
        answer = self.ask("GET", path, query)
        for _ in range(_MOST_PAGES):
            yield answer
            found = _NEXT.search(answer.headers.get("link", ""))
            if found is None:
                return
            following = urlsplit(urljoin(self._service.base, found.group(1)))
            base_path = urlsplit(self._service.base).path
            if not self._is_ours(following.geturl()) or not following.path.startswith(base_path):
                raise self._elsewhere(what, found.group(1))
            rest = following.path.removeprefix(base_path)
            answer = self.ask("GET", f"{rest}?{following.query}")
        message = f"{what}: the list has no end"
        raise StoreRefused(message, status=answer.status)

    def _follow(self, method: str, url: str, sent: bytes | None, what: str) -> Told:
        for _ in range(3):
            answer = self._once(method, url, sent, what)
            if answer.status not in _REDIRECTS:
                return answer
            target = urljoin(url, answer.headers.get("location", ""))
            if method != "GET" or not self._is_ours(target):
                raise self._elsewhere(what, target)
            url = target
        message = f"{what}: redirected in a circle"
        raise StoreRefused(message, status=answer.status)

    def _once(self, method: str, url: str, sent: bytes | None, what: str) -> Told:
        headers = dict(self._service.headers)
        if sent is not None:
            headers["Content-Type"] = "application/json"
        try:
            response = self._pool.request(
                method,
                url,
                body=sent,
                headers=headers,
                timeout=_TIMEOUT,
                retries=False,
                redirect=False,
            )
        except HTTPError as error:
            raise _silent(what, error, (self._service.token,), is_change=method != "GET") from None
        return Told(
            status=response.status,
            headers={name.lower(): value for name, value in response.headers.items()},
            body=_parsed(response.data),
        )

    def _is_ours(self, url: str) -> bool:
        there = urlsplit(url)
        return (there.scheme, there.netloc) == self._origin

    def _elsewhere(self, what: str, target: str) -> StoreRefused:
        where = urlsplit(target)
        named = cleaned(f"{where.scheme}://{where.hostname or ''}{where.path}")
        message = f"{what}: redirects to {named}; the token was not sent there"
        hint = f"if that is the right address, set {self._service.setting} to it"
        return StoreRefused(message, status=302, hint=hint)


def _pool(scheme: str, host: str, environment: Mapping[str, str]) -> urllib3.PoolManager:
    named = {name.lower(): value for name, value in environment.items() if value}
    bundle = next(
        (named[name] for name in ("ssl_cert_file", "requests_ca_bundle") if name in named), None
    )
    proxy = named.get(f"{scheme}_proxy") or named.get("all_proxy")
    if proxy and not _is_near(host, named.get("no_proxy", "")):
        address = proxy if "://" in proxy else f"http://{proxy}"
        account = urlsplit(address)
        headers = None
        if account.username:
            login = f"{account.username}:{account.password or ''}"
            headers = urllib3.make_headers(proxy_basic_auth=login)
        return urllib3.ProxyManager(address, proxy_headers=headers, ca_certs=bundle)
    return urllib3.PoolManager(ca_certs=bundle)


def _is_near(host: str, no_proxy: str) -> bool:
    """Whether `NO_PROXY` names the host, one of its parents, or everything."""
    entries = [each.strip().lstrip(".") for each in no_proxy.split(",") if each.strip()]
    return any(each in {"*", host} or host.endswith(f".{each}") for each in entries)


def _patience(method: str, answer: Told, left: int) -> float | None:
    """Return how long to wait before asking again; None where the answer is final.

    A call that was turned away for coming too often was not carried out, so a change may be sent
    again too; GitHub says so with 403 and `Retry-After`.
    """
    is_throttled = answer.status == TOO_MANY or (
        answer.status == 403 and "retry-after" in answer.headers  # noqa: PLR2004 - see above
    )
    is_ill = method == "GET" and answer.status in {500, 502, 503, 504}
    if left == 0 or not (is_throttled or is_ill):
        return None
    asked = answer.headers.get("retry-after", "")
    seconds = float(asked) if re.fullmatch(r"[0-9]{1,6}", asked) else 2.0 ** (_TRIES - left)
    return seconds if seconds <= _LONGEST_WAIT else None


def _silent(
    what: str, error: HTTPError, secrets: tuple[Secret, ...], *, is_change: bool
) -> StoreSilent:
    if isinstance(error, SSLError):
        message = f"{what}: TLS failed: {cleaned(str(error), secrets)}"
        hint = (
            "check the address; where a company signs its own certificates, "
            "set SSL_CERT_FILE to its bundle"
        )
        return StoreSilent(message, hint=hint)
    doubt = "; whether it was carried out is not known" if is_change else ""
    message = f"{what}: no answer ({type(error).__name__}){doubt}"
    return StoreSilent(message, hint="check the network, the address and HTTPS_PROXY")


def _parsed(data: bytes) -> object:
    try:
        body: object = json.loads(data)
    except (ValueError, RecursionError):
        return None
    return body


def _words(answer: Told) -> str:
    said = answer.fields.get("message") or answer.fields.get("error") or ""
    return said if isinstance(said, str) else json.dumps(said)
