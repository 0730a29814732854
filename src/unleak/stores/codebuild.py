"""CodeBuild projects: environment and build specification searched, environment replaced.

Source: https://docs.aws.amazon.com/codebuild/latest/userguide/change-project.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from unleak.aws.answer import Answer, instant, part, parts, text, texts
from unleak.errors import UnleakError
from unleak.model.rotation import Written
from unleak.stores.interface import CannotSwap, Held, Scope
from unleak.stores.look import Look
from unleak.stores.places import named_values, places
from unleak.stores.regional import id_in, moved, regional_spot, unshown
from unleak.stores.swap import pair_in_map, swap_in_map

if TYPE_CHECKING:
    from collections.abc import Iterator

    from unleak.model.reference import Needle
    from unleak.model.rotation import Spot
    from unleak.stores.interface import Finding, KeyPair, Reach, Scene

_AT_ONCE: Final = 100
"""`BatchGetProjects` takes a hundred names.
Source: https://docs.aws.amazon.com/codebuild/latest/APIReference/API_BatchGetProjects.html"""

_PLAIN: Final = "PLAINTEXT"
_RELOAD: Final = "builds that start from now on have it; those that run keep the old one"


class CodeBuild:
    """Finds a key in projects, and replaces it in a project's environment."""

    name: Final = "codebuild"
    title: Final = "CodeBuild projects"
    scope: Final = Scope.REGION
    needs: Final = ("codebuild:ListProjects", "codebuild:BatchGetProjects")
    changes: Final = ("codebuild:BatchGetProjects", "codebuild:UpdateProject", "iam:PassRole")

    def search(self, needle: Needle, scene: Scene) -> Iterator[Finding]:
        """Yield every project that holds the key, in a variable or in its build specification."""
        look = Look(self.name, needle, scene)
        names = list(look.names("codebuild", "list_projects", "projects"))
        for start in range(0, len(names), _AT_ONCE):
            some = names[start : start + _AT_ONCE]
            answer = look.ask("codebuild", "batch_get_projects", names=some)
            look.seen += len(some)
            for each in parts(answer, "projects"):
                yield from _in_project(look, each)
            for name in texts(answer, "projectsNotFound"):
                yield look.gap(name, "CodeBuild lists it, but does not find it")
        yield look.searched()

    def spot(self, text: str) -> Spot:
        """Read `PROJECT[@REGION]`.

        Raises:
            WrongUse: there is no name.
        """
        return regional_spot(self.name, text)

    def held(self, spot: Spot, old_key_id: str, reach: Reach) -> Held:
        """Read the project's environment.

        Raises:
            UnleakError: there is no such project, or it cannot be read.
        """
        project = _project(spot, reach)
        content = "\n".join(_variables(project).values())
        return Held(key_id=id_in(content, old_key_id), version=_version(project))

    def pair(self, spot: Spot, key_id: str, reach: Reach) -> KeyPair | None:
        """Read the pair back from the project's environment."""
        return pair_in_map(_variables(_project(spot, reach)), key_id)

    def write(self, spot: Spot, old_key_id: str, new: KeyPair, held: Held, reach: Reach) -> Written:
        """Replace the pair among the variables; the whole environment is sent as it was read.

        CodeBuild has no compare-and-set: the time of the last change is looked at right before.

        Raises:
            Moved: the project has been changed since.
            CannotSwap: its variables do not hold the old pair.
            UnleakError: the write was refused, or got no answer.
        """
        project = _project(spot, reach)
        if _version(project) != held.version:
            raise moved(spot)
        variables = _variables(project)
        if old_key_id not in "\n".join(variables.values()):
            message = f"{spot.label} has no variable that holds {old_key_id}"
            raise CannotSwap(message, hint="put the new key there by hand")
        swapped = swap_in_map(variables, old_key_id, new)
        environment = part(project, "environment")
        entries = [_swapped_entry(each, swapped) for each in _entries(project)]
        answer = reach.cloud.change(
            "codebuild",
            "update_project",
            {
                "name": spot.location,
                "environment": {**environment, "environmentVariables": entries},
            },
            region=spot.region,
            secrets=unshown(new, [*variables.values(), *swapped.values()]),
        )
        return Written(version=_version(part(answer, "project")), way_back=None, reload=_RELOAD)

    def restore(self, spot: Spot, written: Written, reach: Reach) -> None:
        """Refuse: CodeBuild keeps no earlier environment, and the journal no secret.

        Raises:
            UnleakError: always.
        """
        del written, reach
        message = f"{spot.label} cannot be put back: CodeBuild keeps no earlier environment"
        raise UnleakError(message, hint="put the old variables back by hand if they are needed")


def _in_project(look: Look, project: Answer) -> Iterator[Finding]:
    name = text(project, "name")
    fields = tuple(places(project, look.needle))
    if not fields:
        return
    variables = _variables(project)
    in_variables = look.fields(variables)
    has_pair = pair_in_map(variables, look.needle.key_id) is not None
    note = ""
    if len(in_variables) < len(fields):
        note = "stands outside the variables too: what is there is left as it is"
    elif not has_pair:
        note = "which variable holds its secret cannot be told"
    yield look.reference("project", name, fields, note=note, updatable=has_pair)


def _entries(project: Answer) -> tuple[Answer, ...]:
    return parts(part(project, "environment"), "environmentVariables")


def _is_plain(entry: Answer) -> bool:
    """Whether an entry holds a value, and not the name of a parameter or a secret."""
    return (text(entry, "type") or _PLAIN) == _PLAIN


def _variables(project: Answer) -> dict[str, str]:
    return named_values(tuple(each for each in _entries(project) if _is_plain(each)))


def _swapped_entry(entry: Answer, swapped: dict[str, str]) -> Answer:
    name = text(entry, "name")
    return {**entry, "value": swapped[name]} if _is_plain(entry) and name in swapped else entry


def _version(project: Answer) -> str | None:
    changed = instant(project, "lastModified")
    return None if changed is None else changed.isoformat()


def _project(spot: Spot, reach: Reach) -> Answer:
    asked = {"names": [spot.location]}
    answer = reach.cloud.ask("codebuild", "batch_get_projects", asked, region=spot.region)
    found = parts(answer, "projects")
    if not found:
        message = f"there is no CodeBuild project {spot.location}"
        raise UnleakError(message, hint="look at the name and the region")
    return found[0]
