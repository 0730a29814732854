"""A GitLab with CI/CD variables: hidden ones, scopes of environments, and who may see what."""

from __future__ import annotations

from dataclasses import dataclass, field

from lab.stores.loopback import Asked, Given


@dataclass
class GitLabLab:
    """Variables by owner: `projects/GROUP%2FPROJECT` or `groups/GROUP`."""

    token: str
    variables: dict[str, list[dict[str, object]]] = field(default_factory=dict)
    forbidden: set[str] = field(default_factory=set)
    scripted: list[Given] = field(default_factory=list)
    asked: list[Asked] = field(default_factory=list)

    def __call__(self, asked: Asked) -> Given:
        """Answer one request."""
        self.asked.append(asked)
        if self.scripted:
            return self.scripted.pop(0)
        if asked.headers.get("private-token") != self.token:
            return Given(status=401, body={"message": "401 Unauthorized"})
        path = asked.raw_path.removeprefix("/api/v4/")
        if path.startswith("admin/") or path in self.forbidden:
            return Given(status=403, body={"message": "403 Forbidden"})
        return self._at(asked, path)

    def _at(self, asked: Asked, path: str) -> Given:
        kind, _, rest = path.partition("/")
        if not rest:
            return Given(body=self._owners(kind, ""))
        owner, _, below = rest.partition("/")
        if below in {"projects", "descendant_groups"}:
            return Given(body=self._owners("projects" if below == "projects" else "groups", owner))
        key = f"{kind}/{owner}"
        if key not in self.variables:
            return Given(status=404, body={"message": f"404 {kind} Not Found"})
        return self._on_variables(asked, key, below) if below else Given(body={"id": 1})

    def add(self, owner: str, key: str, value: str, **flags: object) -> None:
        """Make a variable as somebody else would."""
        made: dict[str, object] = {
            "key": key,
            "value": value,
            "variable_type": "env_var",
            "protected": False,
            "masked": False,
            "hidden": False,
            "raw": False,
            "environment_scope": "*",
            **flags,
        }
        self.variables.setdefault(owner, []).append(made)

    def _owners(self, kind: str, above: str) -> list[dict[str, str]]:
        name = "path_with_namespace" if kind == "projects" else "full_path"
        paths = [
            each.partition("/")[2].replace("%2F", "/")
            for each in self.variables
            if each.startswith(f"{kind}/")
        ]
        return [{name: each} for each in paths if not above or each.startswith(f"{above}/")]

    def _on_variables(self, asked: Asked, owner: str, below: str) -> Given:
        name = below.partition("/")[2]
        held = self.variables[owner]
        scope = asked.query.get("filter[environment_scope]")
        fitting = [
            each
            for each in held
            if each["key"] == name and each["environment_scope"] == (scope or "*")
        ]
        if asked.method == "GET":
            return Given(body=[_shown(each) for each in held])
        if asked.method == "POST":
            told = dict(asked.body)
            self.add(owner, str(told.pop("key")), str(told.pop("value")), **told)
            return Given(status=201, body=_shown(held[-1]))
        if not fitting:
            return Given(status=404, body={"message": "404 Variable Not Found"})
        if asked.method == "DELETE":
            held.remove(fitting[0])
            return Given(status=204)
        fitting[0].update(asked.body)
        return Given(body=_shown(fitting[0]))


def _shown(variable: dict[str, object]) -> dict[str, object]:
    return {**variable, "value": None} if variable["hidden"] else variable
