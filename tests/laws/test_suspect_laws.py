"""Laws of the sweep: we are never a suspect, nor is known others' work; the leak's work always."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from fakes.swept import (
    ACCOUNT,
    AFTER,
    BEFORE,
    BOB_KEY,
    RESPONDER,
    SINCE,
    access,
    leak,
    made,
    role,
    swept,
    trusting,
    user,
)
from unleak.identify.suspects import suspects
from unleak.model.door import DoorKind
from unleak.model.reading import Known
from unleak.model.situation import Caller

if TYPE_CHECKING:
    from unleak.identify.sweep import Swept
    from unleak.model.account import RoleDetail, UserDetail

ALICE_KEY = "AKIAALICEALICEALICEA"
AS_ROLE = Caller(
    account=ACCOUNT,
    arn=f"arn:aws:sts::{ACCOUNT}:assumed-role/oncall/me",
    unique_id="AROAONCALL:me",
    access_key_id="ASIARESPONDERRESPOND",
)
names = st.text(alphabet="abcdefXYZ019_+=,.@-", min_size=1, max_size=8).map("n{}".format)
ages = st.integers(min_value=-5, max_value=5).map(
    lambda seconds: SINCE + timedelta(seconds=seconds)
)


@st.composite
def accounts(draw: st.DrawFn) -> Swept:
    """Draw an account in which we, and others, were made and used at any time."""
    users = draw(st.lists(names, max_size=4, unique=True))
    roles = draw(st.lists(names, max_size=4, unique=True))
    trusted = [f"arn:aws:iam::{ACCOUNT}:user/{name}" for name in users]
    trusted += [f"arn:aws:iam::{ACCOUNT}:root", "*"]
    found = [user(name, created_at=draw(ages)) for name in (*users, "responder")]
    return swept(
        *found,
        *(
            role(
                name,
                created_at=draw(ages),
                used_at=draw(ages),
                trust=trusting(draw(st.sampled_from(trusted)), conditional=draw(st.booleans())),
            )
            for name in (*roles, "oncall")
        ),
        ways_in=tuple(
            access(each.name, {f"AKIA{each.name}": draw(ages)}, password_at=draw(ages))
            for each in found
        ),
    )


@given(accounts(), st.sampled_from([RESPONDER, AS_ROLE]))
def test_a_responder_is_never_a_suspect_and_never_denied(account: Swept, caller: Caller) -> None:
    own = {RESPONDER: "user/responder", AS_ROLE: "role/oncall"}[caller]

    found = suspects(account, leak(caller=caller))

    assert own not in {each.target for each in found}
    assert own not in {each.holder.label for each in found if each.holder is not None}
    assert caller.access_key_id not in {each.target for each in found}


@given(st.lists(names, max_size=5, unique=True))
def test_the_work_of_another_known_principal_is_never_a_door(things: list[str]) -> None:
    users = [user(name, created_at=AFTER) for name in things]
    roles = [role(name, created_at=AFTER) for name in things]
    keys = tuple(access(name, {f"AKIA{name}": AFTER}, password_at=AFTER) for name in things)
    kinds = (DoorKind.USER, DoorKind.ROLE, DoorKind.LOGIN_PROFILE)
    events = [made(kind, name, by=ALICE_KEY) for name in things for kind in kinds]
    events += [
        made(DoorKind.ACCESS_KEY, f"AKIA{name}", by=ALICE_KEY, key_of=name) for name in things
    ]
    alice = access("alice", {ALICE_KEY: BEFORE})

    account = swept(*users, *roles, user("alice"), ways_in=(*keys, alice))

    assert suspects(account, leak(*events)) == ()


@given(accounts(), st.sampled_from([BOB_KEY, None, "ASIANOBODYCANTELLWHO"]))
def test_everything_newer_that_nobody_else_has_made_is_a_door(
    account: Swept, maker: str | None
) -> None:
    assert isinstance(account.details, Known)
    users = {each.name for each in account.details.value.users if _is_new(each)} - {"responder"}
    roles = {each.name for each in account.details.value.roles if _is_new(each)}
    new = {f"user/{name}" for name in users} | {f"role/{name}" for name in roles}
    events = [made(DoorKind.USER, name, by=maker) for name in users if maker is not None]

    found = {each.target for each in suspects(account, leak(*events))}

    assert new <= found


def _is_new(each: UserDetail | RoleDetail) -> bool:
    return each.created_at is not None and each.created_at >= SINCE
