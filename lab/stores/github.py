"""A GitHub that keeps secrets sealed, and opens them with its private key for the tests alone."""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from nacl.public import PrivateKey, SealedBox

from lab.stores.loopback import Asked, Given

_START = datetime(2026, 11, 25, 8, 0, tzinfo=UTC)
_PLACE = re.compile(
    r"(/repos/[^/]+/[^/]+/(?:actions|dependabot|codespaces|environments/[^/]+)"
    r"|/orgs/[^/]+/(?:actions|dependabot|codespaces))"
    r"/((?:organization-)?(?:secrets|variables))(?:/([\w-]+))?"
)


@dataclass
class GitHubLab:
    """Repositories by what is stored in them; all dates tick by a second a write."""

    token: str
    secrets: dict[str, dict[str, tuple[str, str]]] = field(default_factory=dict)
    """Below `/repos/O/R/actions` and so on: name to sealed value and date."""
    variables: dict[str, dict[str, tuple[str, str]]] = field(default_factory=dict)
    environments: dict[str, list[str]] = field(default_factory=dict)
    repositories: dict[str, list[str]] = field(default_factory=dict)
    scripted: list[Given] = field(default_factory=list)
    """Answers to give before any other."""
    forbidden: set[str] = field(default_factory=set)
    """Paths that the token may not ask for."""
    asked: list[Asked] = field(default_factory=list)
    page: int = 2
    """Lists are cut small, so that paging is always tested."""
    _key: PrivateKey = field(default_factory=PrivateKey.generate)
    _ticks: int = 0

    def __call__(self, asked: Asked) -> Given:
        """Answer one request."""
        self.asked.append(asked)
        if self.scripted:
            return self.scripted.pop(0)
        if asked.headers.get("authorization") != f"Bearer {self.token}":
            return Given(status=401, body={"message": "Bad credentials"})
        if asked.path in self.forbidden:
            message = "Resource not accessible by personal access token"
            return Given(status=403, body={"message": message})
        return self._answer(asked)

    def opened(self, place: str, name: str) -> str:
        """Open what was stored: proof that the plain text arrived, and nothing else."""
        sealed, _ = self.secrets[place][name]
        return SealedBox(self._key).decrypt(base64.b64decode(sealed)).decode()

    def seal(self, place: str, name: str, value: str) -> None:
        """Store a secret as somebody else would."""
        sealed = SealedBox(self._key.public_key).encrypt(value.encode())
        self._keep(place, name, base64.b64encode(sealed).decode())

    def _answer(self, asked: Asked) -> Given:
        found = _PLACE.fullmatch(asked.raw_path)
        if found is not None:
            place, kind, name = found.groups()
            if name == "public-key":
                key = base64.b64encode(bytes(self._key.public_key)).decode()
                return Given(body={"key_id": "568250167242549743", "key": key})
            if kind.startswith("organization-"):
                place = f"/orgs/{place.split('/')[2]}/actions"
            shelf = self.secrets if kind.endswith("secrets") else self.variables
            return self._stored(asked, place, kind.removeprefix("organization-"), name, shelf)
        last = asked.raw_path.rpartition("/")
        if last[2] == "environments":
            named = self.environments.get(last[0], [])
            return Given(body={"environments": [{"name": each} for each in named]})
        if last[2] == "repos":
            return Given(body=[{"name": each} for each in self.repositories.get(last[0], [])])
        is_known = asked.raw_path in self.repositories
        return Given(body={}) if is_known else Given(status=404, body={"message": "Not Found"})

    def _stored(
        self,
        asked: Asked,
        place: str,
        kind: str,
        name: str | None,
        shelf: dict[str, dict[str, tuple[str, str]]],
    ) -> Given:
        held = shelf.setdefault(place, {})
        if name is None:
            shown = [_shown(kind, each, *held[each]) for each in sorted(held)]
            return self._paged(asked, kind, shown)
        if asked.method == "PUT":
            self._keep(place, name, str(asked.body["encrypted_value"]))
            return Given(status=201)
        if name not in held:
            return Given(status=404, body={"message": "Not Found"})
        if asked.method == "PATCH":
            held[name] = (str(asked.body["value"]), self._tick())
        if asked.method == "DELETE":
            del held[name]
            return Given(status=204)
        return Given(body=_shown(kind, name, *held[name]))

    def _paged(self, asked: Asked, kind: str, shown: list[dict[str, str]]) -> Given:
        number = int(asked.query.get("page", "1"))
        start = (number - 1) * self.page
        headers = {}
        if len(shown) > start + self.page:
            url = f"http://{asked.headers['host']}{asked.raw_path}?page={number + 1}"
            headers["Link"] = f'<{url}>; rel="next"'
        return Given(body={kind: shown[start : start + self.page]}, headers=headers)

    def _keep(self, place: str, name: str, sealed: str) -> None:
        self.secrets.setdefault(place, {})[name] = (sealed, self._tick())

    def _tick(self) -> str:
        self._ticks += 1
        return (_START + timedelta(seconds=self._ticks)).strftime("%Y-%m-%dT%H:%M:%SZ")


def _shown(kind: str, name: str, value: str, date: str) -> dict[str, str]:
    shown = {"name": name, "created_at": date, "updated_at": date}
    return {**shown, "value": value} if kind == "variables" else shown
