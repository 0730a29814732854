"""The words about second identities: what each is, how it is closed, and hostile names."""

from __future__ import annotations

from dataclasses import replace

import pytest

from fakes import examples
from unleak.model.action import Holder, HolderType
from unleak.model.door import Door, DoorKind, DoorState
from unleak.report.door_words import door_advice, door_page, door_title, summary_line
from unleak.report.markdown import incident_markdown
from unleak.report.page import Heading

HOLDER = Holder(type=HolderType.USER, name="eve")


def door(kind: DoorKind, target: str = "user/eve", holder: Holder | None = HOLDER) -> Door:
    return Door(kind=kind, target=target, reason="newer", weight=2, holder=holder)


@pytest.mark.parametrize("kind", list(DoorKind))
def test_every_kind_of_door_has_a_title_with_its_target_and_a_way_to_close_it(
    kind: DoorKind,
) -> None:
    assert "user/eve" in door_title(door(kind))
    assert door_advice(door(kind))


def test_a_plan_for_which_nobody_looked_says_nothing_of_doors() -> None:
    assert door_page(examples.user_key_plan()) == ()


def test_a_sweep_that_found_nothing_says_so_and_no_more() -> None:
    plan = replace(examples.doors_plan(), doors=())

    assert isinstance(door_page(plan)[0], Heading)
    assert "as far as could be looked" in summary_line(plan)


def test_closed_doors_are_counted_as_closed() -> None:
    closed = tuple(replace(each, state=DoorState.DISMISSED) for each in examples.doors())

    assert "are closed" in summary_line(replace(examples.doors_plan(), doors=closed))


def test_doors_that_only_a_person_can_close_promise_no_cascade() -> None:
    alone = (door(DoorKind.PROVIDER, "arn:aws:iam::1:saml-provider/x", None),)

    assert "--cascade" not in summary_line(replace(examples.doors_plan(), doors=alone))


def test_our_own_key_is_ours_to_judge() -> None:
    own = door(DoorKind.ACCESS_KEY, "AKIAEVE", None)

    assert "your own user" in door_title(own)
    assert "if it is not yours" in door_advice(own)


@pytest.mark.parametrize(
    "kind", [DoorKind.USER, DoorKind.LOGIN_PROFILE, DoorKind.TRUST_POLICY, DoorKind.ROLE_SESSION]
)
def test_a_name_that_means_something_to_a_shell_is_in_no_command(kind: DoorKind) -> None:
    assert "unleak revoke" not in door_advice(door(kind, "user/a;rm -rf `x`"))


def test_a_hostile_name_is_harmless_in_markdown() -> None:
    incident = examples.doors_incident()
    hostile = door(DoorKind.USER, "user/<b>|[x](http://evil)")
    plan = replace(incident.plan, doors=(replace(hostile, reason="![x](y) | <i>"),))

    text = incident_markdown(replace(incident, plan=plan))

    assert "<b>" not in text
    assert "[x](" not in text
    assert "<i>" not in text
