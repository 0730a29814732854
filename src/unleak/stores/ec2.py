"""User data of EC2: instances, every version of launch templates, launch configurations.

Source: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/user-data.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from unleak.aws.answer import number, part, parts, text
from unleak.errors import UnleakError
from unleak.stores.interface import Scope
from unleak.stores.layers import MOST_BYTES, Holding, from_base64, holding
from unleak.stores.look import Look

if TYPE_CHECKING:
    from collections.abc import Iterator

    from unleak.model.reference import Needle
    from unleak.stores.interface import Finding, Scene

_GONE: Final = frozenset({"terminated", "shutting-down"})
_TOO_LARGE: Final = f"its user data cannot be unpacked to its end within {MOST_BYTES // 1024**2} MB"


class Ec2:
    """Finds a key in user data, also where it is packed."""

    name: Final = "ec2"
    title: Final = "EC2 user data and launch templates"
    scope: Final = Scope.REGION
    needs: Final = (
        "ec2:DescribeInstances",
        "ec2:DescribeInstanceAttribute",
        "ec2:DescribeLaunchTemplates",
        "ec2:DescribeLaunchTemplateVersions",
        "autoscaling:DescribeLaunchConfigurations",
    )

    def search(self, needle: Needle, scene: Scene) -> Iterator[Finding]:
        """Yield every instance, template version and launch configuration that holds the key."""
        look = Look(self.name, needle, scene)
        yield from look.each(
            {
                "instances": lambda: _instances(look),
                "launch templates": lambda: _templates(look),
                "launch configurations": lambda: _configurations(look),
            }
        )
        yield look.searched()


def _instances(look: Look) -> Iterator[Finding]:
    there = (
        text(instance, "InstanceId")
        for reservation in look.listed("ec2", "describe_instances", "Reservations")
        for instance in parts(reservation, "Instances")
        if text(part(instance, "State"), "Name") not in _GONE
    )
    yield from look.at_once(there, lambda instance: _in_instance(look, instance))


def _in_instance(look: Look, instance: str) -> Iterator[Finding]:
    try:
        answer = look.ask(
            "ec2", "describe_instance_attribute", InstanceId=instance, Attribute="userData"
        )
    except UnleakError as error:
        yield look.gap(instance, error)
        return
    note = "read by whoever is on the machine; user data can be changed while it is stopped"
    yield from _in_user_data(
        look, text(part(answer, "UserData"), "Value"), kind="user-data", place=instance, note=note
    )


def _templates(look: Look) -> Iterator[Finding]:
    for template in look.listed("ec2", "describe_launch_templates", "LaunchTemplates"):
        identity = text(template, "LaunchTemplateId")
        try:
            yield from _in_template(look, identity)
        except UnleakError as error:
            yield look.gap(identity, error)


def _in_template(look: Look, identity: str) -> Iterator[Finding]:
    versions = look.listed(
        "ec2",
        "describe_launch_template_versions",
        "LaunchTemplateVersions",
        LaunchTemplateId=identity,
    )
    for version in versions:
        look.seen += 1
        place = f"{text(version, 'LaunchTemplateName')}:{number(version, 'VersionNumber', 0)}"
        is_default = version.get("DefaultVersion") is True
        note = "the default version" if is_default else "not the default version"
        data = text(part(version, "LaunchTemplateData"), "UserData")
        yield from _in_user_data(look, data, kind="launch-template", place=place, note=note)


def _configurations(look: Look) -> Iterator[Finding]:
    listed = look.listed("autoscaling", "describe_launch_configurations", "LaunchConfigurations")
    for each in listed:
        look.seen += 1
        yield from _in_user_data(
            look,
            text(each, "UserData"),
            kind="launch-configuration",
            place=text(each, "LaunchConfigurationName"),
            note="it cannot be changed: make a new one",
        )


def _in_user_data(
    look: Look, encoded: str, *, kind: str, place: str, note: str
) -> Iterator[Finding]:
    match holding(from_base64(encoded), look.needle):
        case Holding.HELD:
            yield look.reference(kind, place, ("UserData",), note=note)
        case Holding.TOO_LARGE:
            yield look.gap(place, _TOO_LARGE)
        case Holding.NOT_HELD:
            pass
