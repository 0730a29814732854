"""What is read of a principal: only what is needed, and a gap never reads as "there is none"."""

from __future__ import annotations

import pytest

from fakes.cloud import FakeCloud, FakeGroup, refusal
from unleak.errors import MissingPermission, NoSuchPrincipal, ResponderCredentials
from unleak.identify.facts import Need, gather
from unleak.identify.quotas import quotas_of, read_quotas
from unleak.model.policy_names import CONSOLE_POLICY
from unleak.model.principal import Principal, PrincipalType
from unleak.model.reading import NOT_LOOKED_AT, Absent, Gap, Known, Unknown
from unleak.model.situation import Quotas

ROLE = Principal(type=PrincipalType.ROLE, name="app")
USER = Principal(type=PrincipalType.USER, name="bob")
KEY = "AKIABOBBOBBOBBOBBOBB"


def test_the_quick_look_asks_for_what_the_deny_needs_and_nothing_else() -> None:
    cloud = FakeCloud()
    cloud.add_role("app")

    facts = gather(ROLE, reader=cloud, quick=True, needs=frozenset({Need.REVOKE_POLICY}))

    assert sorted(cloud.asked) == ["inline_policy role/app", "role app"]
    assert facts.revoke_policy == Absent()
    assert facts.attached == NOT_LOOKED_AT
    assert facts.max_session_seconds == 3600


def test_the_quick_look_at_a_user_reads_the_keys() -> None:
    cloud = FakeCloud()
    cloud.add_user("bob", keys=[KEY])

    facts = gather(USER, reader=cloud, quick=True)

    assert isinstance(facts.keys, Known)
    assert [key.key_id for key in facts.keys.value] == [KEY]
    assert facts.principal.arn == "arn:aws:iam::123456789012:user/bob"


def test_the_full_look_reads_the_texts_of_policies_groups_and_boundary_once_each() -> None:
    cloud = FakeCloud()
    holder = cloud.add_user("bob", keys=[KEY], groups=["admins"])
    arn = "arn:aws:iam::123456789012:policy/shared"
    cloud.policies[arn] = "{}"
    cloud.at(holder).attached.append(arn)
    cloud.at(holder).boundary = arn
    cloud.group_policies["admins"] = FakeGroup(attached=[arn])

    facts = gather(USER, reader=cloud, quick=False)

    assert cloud.asked.count(f"managed_policy {arn}") == 1
    assert isinstance(facts.attached, Known)
    assert facts.attached.value[0].document == Known("{}")
    assert isinstance(facts.boundary, Known)
    assert facts.boundary.value.document == Known("{}")
    assert isinstance(facts.groups, Known)
    assert isinstance(facts.groups.value[0].attached, Known)
    assert facts.groups.value[0].attached.value[0].document == Known("{}")


def test_the_full_look_at_a_role_reads_its_profiles_and_record() -> None:
    cloud = FakeCloud()
    holder = cloud.add_role("app", path="/svc/")
    cloud.profiles["machines"] = ["app"]
    cloud.at(holder).inline[CONSOLE_POLICY] = '{"exact": "text"}'

    facts = gather(ROLE, reader=cloud, quick=False)

    assert facts.revoke_policy == Known('{"exact": "text"}')
    assert facts.instance_profiles == Known(("machines",))
    assert isinstance(facts.record, Known)
    assert facts.record.value.path == "/svc/"
    assert facts.boundary == Absent()
    assert facts.keys == NOT_LOOKED_AT


def test_a_principal_that_is_not_there_ends_the_reading() -> None:
    with pytest.raises(NoSuchPrincipal):
        gather(ROLE, reader=FakeCloud(), quick=True)


def test_a_responder_whose_credentials_died_ends_the_reading() -> None:
    cloud = FakeCloud()
    cloud.add_role("app")
    cloud.failing["inline_policy"] = ResponderCredentials("expired")

    with pytest.raises(ResponderCredentials):
        gather(ROLE, reader=cloud, quick=True)


@pytest.mark.parametrize(
    "method",
    ["inline_policy", "inline_policies", "attached_policies", "boundary", "groups", "keys"],
)
def test_a_question_that_is_not_allowed_leaves_a_gap_with_its_reason(method: str) -> None:
    cloud = FakeCloud()
    cloud.add_user("bob", keys=[KEY], groups=["admins"])
    cloud.failing[method] = MissingPermission("no")
    field = {
        "inline_policy": "revoke_policy",
        "inline_policies": "inline",
        "attached_policies": "attached",
    }.get(method, method)

    facts = gather(USER, reader=cloud, quick=False)

    gap = getattr(facts, field)
    assert isinstance(gap, Unknown)
    assert gap.gap is Gap.DENIED
    assert "not allowed for us" in gap.detail


def test_a_cloud_without_user_records_keeps_the_name_and_goes_on() -> None:
    cloud = FakeCloud()
    cloud.add_user("bob")
    for method in ("user", "keys", "groups", "boundary"):
        cloud.failing[method] = refusal(code="Unsupported", operation="GetUser", status=405)

    facts = gather(USER, reader=cloud, quick=False)

    assert facts.principal == USER
    assert facts.revoke_policy == Absent()
    assert isinstance(facts.keys, Unknown)
    assert facts.keys.gap is Gap.UNSUPPORTED


def test_a_managed_policy_whose_text_is_denied_keeps_its_name() -> None:
    cloud = FakeCloud()
    holder = cloud.add_role("app")
    cloud.at(holder).attached.append("arn:aws:iam::aws:policy/AdministratorAccess")
    cloud.failing["managed_policy"] = MissingPermission("no")

    facts = gather(ROLE, reader=cloud, quick=False)

    assert isinstance(facts.attached, Known)
    assert isinstance(facts.attached.value[0].document, Unknown)


def test_root_has_nothing_to_read() -> None:
    cloud = FakeCloud()
    root = Principal(type=PrincipalType.ROOT, name="root")

    facts = gather(root, reader=cloud, quick=False)

    assert facts.principal == root
    assert cloud.asked == []


def test_quotas_come_from_the_account_and_defaults_fill_the_gaps() -> None:
    quotas = quotas_of(
        {"RolePolicySizeQuota": 5000, "AttachedPoliciesPerRoleQuota": 20, "Users": 1}
    )

    assert quotas == Quotas(role_inline=5000, attached_per_role=20)


def test_a_quota_of_zero_is_not_believed() -> None:
    assert quotas_of({"RolePolicySizeQuota": 0}) == Quotas()


def test_quotas_that_may_not_be_read_are_the_defaults_and_the_note_says_so() -> None:
    cloud = FakeCloud()
    cloud.failing["account_summary"] = MissingPermission("no")

    quotas, note = read_quotas(cloud)

    assert quotas == Quotas()
    assert note is not None
    assert "iam:GetAccountSummary is not allowed for us" in note
