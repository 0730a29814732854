"""CloudFormation stacks: parameters, outputs and templates.

Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/parameters-section-structure.html
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from unleak.aws.answer import Answer, parts, text
from unleak.errors import UnleakError
from unleak.stores.interface import Scope
from unleak.stores.look import Look
from unleak.stores.places import places

if TYPE_CHECKING:
    from collections.abc import Iterator

    from unleak.model.reference import Needle
    from unleak.stores.interface import Finding, Scene

_MASKED: Final = frozenset({"****", "*****"})
_KEY_LIKE: Final = re.compile(r"(?i)access[-_]?key|secret[-_]?key|aws[-_]?(?:key|secret)")
_NO_ECHO: Final = "CloudFormation never shows the value of a NoEcho parameter"
_TEMPLATE_NOTE: Final = "in the template as it was sent; whatever deploys it has it too"


class CloudFormation:
    """Finds a key in stacks; nested stacks are stacks of their own."""

    name: Final = "cloudformation"
    title: Final = "CloudFormation stacks"
    scope: Final = Scope.REGION
    needs: Final = ("cloudformation:DescribeStacks", "cloudformation:GetTemplate")

    def search(self, needle: Needle, scene: Scene) -> Iterator[Finding]:
        """Yield every stack that holds the key, and each parameter that cannot be seen."""
        look = Look(self.name, needle, scene)
        stacks = look.listed("cloudformation", "describe_stacks", "Stacks")
        yield from look.at_once(stacks, lambda stack: _in_stack(look, stack))
        yield look.searched()


def _in_stack(look: Look, stack: Answer) -> Iterator[Finding]:
    name = text(stack, "StackName")
    for parameter in parts(stack, "Parameters"):
        if text(parameter, "ParameterValue") in _MASKED:
            yield from _masked(look, name, text(parameter, "ParameterKey"))
    shown = {key: stack.get(key, ()) for key in ("Parameters", "Outputs")}
    fields = tuple(places(shown, look.needle))
    if fields:
        note = "update the stack with the new value"
        yield look.reference("stack", name, fields, note=note)
    yield from _in_template(look, stack)


def _masked(look: Look, stack: str, parameter: str) -> Iterator[Finding]:
    if _KEY_LIKE.search(parameter):
        yield look.reference(
            "stack", stack, (f"Parameters[{parameter}]",), note=_NO_ECHO, is_only_name=True
        )
    yield look.gap(f"{stack} parameter {parameter}", _NO_ECHO)


def _in_template(look: Look, stack: Answer) -> Iterator[Finding]:
    name = text(stack, "StackName")
    identity = text(stack, "StackId") or name
    try:
        answer = look.ask(
            "cloudformation", "get_template", StackName=identity, TemplateStage="Original"
        )
    except UnleakError as error:
        yield look.gap(f"{name} template", error)
        return
    body = answer.get("TemplateBody")  # a text for YAML; botocore reads JSON into a structure
    fields = tuple(each or "TemplateBody" for each in places(body, look.needle))
    if fields:
        yield look.reference("template", name, fields, note=_TEMPLATE_NOTE)
