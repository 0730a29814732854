"""The tables of the documentation are the enums of the program."""

from __future__ import annotations

import importlib
import pkgutil
import re
from pathlib import Path
from typing import get_args

import unleak
from unleak.errors import ExitCode, UnleakError
from unleak.model.action import (
    Action,
    AttachPolicy,
    CreatePolicy,
    CreateRole,
    DeleteKey,
    DeletePolicy,
    DeleteRole,
    DeleteRootKey,
    DetachPolicy,
    Holder,
    HolderType,
    JoinGroup,
    JoinInstanceProfile,
    KeyState,
    LeaveGroup,
    LeaveInstanceProfile,
    RoleRecord,
    SetBoundary,
    SetFence,
    SetInlinePolicy,
    SetKeyStatus,
    kind_of,
)
from unleak.model.user_action import (
    DeactivateMfa,
    DeleteLoginProfile,
    SetCertificateStatus,
    SetServiceCredentialStatus,
    SetSshKeyStatus,
)
from unleak.model.vault import StaticRole
from unleak.model.vault_action import (
    CreateStaticRole,
    DeleteStaticRole,
    RevokeLease,
    RevokePrefix,
    RotateStaticRole,
    RotateVaultRoot,
    TryNewLease,
)
from unleak.report.permissions import policy_for

DOCS = Path(__file__).resolve().parents[2] / "docs"
RECORD = RoleRecord(
    name="app",
    path="/",
    trust_policy="{}",
    description="",
    max_session_seconds=3600,
    boundary=None,
    tags=(),
)


def table(page: str) -> list[tuple[str, ...]]:
    """Return the rows of all tables of a page, without their heads; code marks are taken off."""
    text = (DOCS / page).read_text(encoding="utf-8")
    rows = [
        tuple(cell.strip().strip("`") for cell in line.strip().strip("|").split("|"))
        for line in text.splitlines()
        if line.startswith("|")
    ]
    rules = {index for index, row in enumerate(rows) if set(row[0]) <= set("-: ")}
    heads = {index - 1 for index in rules}
    return [row for index, row in enumerate(rows) if index not in rules | heads]


STATIC = StaticRole(mount="m", name="n", user="u", key_id=None)


def one_of_each() -> list[Action]:
    actions: list[Action] = [
        SetKeyStatus(user="u", key_id="k", before=KeyState.ACTIVE, after=KeyState.INACTIVE),
        DeleteKey(user="u", key_id="k"),
        DeleteRootKey(account="a", key_id="k"),
        CreatePolicy(policy_arn="a", policy_name="p", document="{}"),
        DeletePolicy(policy_arn="a", policy_name="p", document="{}"),
        LeaveGroup(user="u", group="g"),
        JoinGroup(user="u", group="g"),
        DeleteRole(record=RECORD),
        CreateRole(record=RECORD),
        LeaveInstanceProfile(role="r", profile="p"),
        JoinInstanceProfile(role="r", profile="p"),
        SetServiceCredentialStatus(
            user="u",
            credential_id="c",
            service="s",
            before=KeyState.ACTIVE,
            after=KeyState.INACTIVE,
        ),
        SetSshKeyStatus(user="u", key_id="k", before=KeyState.ACTIVE, after=KeyState.INACTIVE),
        SetCertificateStatus(
            user="u", certificate_id="c", before=KeyState.ACTIVE, after=KeyState.INACTIVE
        ),
        DeleteLoginProfile(user="u"),
        DeactivateMfa(user="u", serial="s"),
        SetFence(account="a", before=None, after="{}"),
        SetFence(account="a", before="{}", after="{ }"),
        SetFence(account="a", before="{}", after=None),
        RevokeLease(lease="l"),
        RevokePrefix(prefix="p"),
        RotateVaultRoot(mount="m", user="u", key_id="k"),
        RotateStaticRole(role=STATIC, path="p"),
        DeleteStaticRole(role=STATIC),
        CreateStaticRole(role=STATIC),
        TryNewLease(path="p"),
    ]
    for type_ in HolderType:
        holder = Holder(type=type_, name="n")
        actions += [
            AttachPolicy(holder=holder, policy_arn="a"),
            DetachPolicy(holder=holder, policy_arn="a"),
            SetInlinePolicy(holder=holder, policy_name="p", before=None, after="{}"),
            SetInlinePolicy(holder=holder, policy_name="p", before="{}", after=None),
            SetBoundary(holder=holder, before=None, after="a"),
            SetBoundary(holder=holder, before="a", after=None),
        ]
    return actions


def situations() -> set[type[UnleakError]]:
    """Return every error of the package; all modules are imported, so that none hides."""
    for module in pkgutil.walk_packages(unleak.__path__, "unleak."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    found: set[type[UnleakError]] = {UnleakError}
    waiting = [UnleakError]
    while waiting:
        subclasses = [each for each in waiting.pop().__subclasses__() if each not in found]
        found.update(subclasses)
        waiting += subclasses
    return {each for each in found if each.__module__.startswith("unleak.")}


def test_the_page_of_exit_codes_is_the_enum() -> None:
    documented = {(int(code), name) for code, name, *_ in table("exit-codes.md")}

    assert documented == {(int(code), code.name.lower()) for code in ExitCode}


def test_every_kind_of_action_is_on_its_page_and_no_other() -> None:
    actions = one_of_each()

    documented = [row[0] for row in table("actions.md")]

    assert {type(action) for action in actions} == set(get_args(Action))
    assert sorted(documented) == sorted({kind_of(action) for action in actions})


def test_every_error_code_is_on_its_page_with_its_exit_code() -> None:
    documented = {(code, int(exit_code)) for code, exit_code, *_ in table("errors.md")}

    assert documented == {(each.code, int(each.exit_code)) for each in situations()}


def test_every_call_that_the_doors_name_is_in_the_policy_for_the_responder() -> None:
    ports = Path(unleak.__path__[0]) / "model" / "ports.py"
    named = set(
        re.findall(r"\b(?:iam|sts|cloudtrail|ec2|organizations):[A-Z]\w+", ports.read_text("utf-8"))
    )

    documented = (DOCS / "permissions.md").read_text(encoding="utf-8")

    assert named
    assert {call for call in named if call not in documented} == set()


def test_the_permissions_page_and_the_command_name_the_same_actions() -> None:
    page = (Path(__file__).resolve().parents[2] / "docs" / "permissions.md").read_text(
        encoding="utf-8"
    )
    policy = policy_for(None)["Statement"]
    assert isinstance(policy, list)
    asked = {action for statement in policy for action in statement["Action"]}

    missing = {action for action in asked if action not in page}

    assert missing == set()
