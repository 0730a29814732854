"""What counts as the thief's second identity, how strongly, and what never does."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from fakes.swept import (
    ACCOUNT,
    AFTER,
    BEFORE,
    BOB,
    BOB_KEY,
    RESPONDER,
    ROOT_TRUST,
    SINCE,
    access,
    facts,
    leak,
    made,
    role,
    some_role,
    swept,
    trusting,
    user,
)
from unleak.identify.could_make import could_make
from unleak.identify.makers import NO_MAKERS
from unleak.identify.suspects import rank, suspects
from unleak.identify.sweep import Swept
from unleak.model.account import PolicyDetail, Provider
from unleak.model.action import Holder, HolderType, KeyState
from unleak.model.door import Door, DoorKind, DoorState
from unleak.model.principal import Principal, PrincipalType
from unleak.model.reading import NOT_LOOKED_AT, Gap, Known, Unknown
from unleak.model.situation import InlinePolicy, KeyFact

if TYPE_CHECKING:
    from unleak.identify.leak import Leak
    from unleak.identify.making_event import Making

NEW_KEY = "AKIANEWNEWNEWNEWNEWN"
ALICE_KEY = "AKIAALICEALICEALICEA"
EVIL = user("evil", created_at=AFTER)
ROOT = Principal(type=PrincipalType.ROOT, name="root", account=ACCOUNT)


def only(found: tuple[Door, ...]) -> Door:
    assert len(found) == 1, found
    return found[0]


def targets(account: Swept, what: Leak) -> list[str]:
    return [each.target for each in suspects(account, what)]


def test_a_user_made_since_the_leak_is_a_suspect_whom_a_deny_closes() -> None:
    door = only(suspects(swept(EVIL), leak()))

    assert (door.kind, door.target, door.weight) == (DoorKind.USER, "user/evil", 2)
    assert door.holder == Holder(type=HolderType.USER, name="evil")
    assert door.made_at == AFTER
    assert "since the leak" in door.reason


def test_a_thing_made_in_the_very_second_counts() -> None:
    assert targets(swept(user("evil", created_at=SINCE)), leak()) == ["user/evil"]


def test_a_thing_made_a_second_earlier_does_not() -> None:
    earlier = SINCE - timedelta(seconds=1)

    assert targets(swept(user("older", created_at=earlier)), leak()) == []


def test_a_role_made_since_is_a_suspect() -> None:
    door = only(suspects(swept(role("evil", created_at=AFTER)), leak()))

    assert (door.kind, door.holder) == (
        DoorKind.ROLE,
        Holder(type=HolderType.ROLE, name="evil"),
    )


@pytest.mark.parametrize("owner", ["alice", "bob"])
def test_a_new_key_of_anybody_is_a_suspect(owner: str) -> None:
    account = swept(user(owner), ways_in=(access(owner, {NEW_KEY: AFTER}),))

    door = only(suspects(account, leak()))

    assert (door.kind, door.target) == (DoorKind.ACCESS_KEY, NEW_KEY)
    assert door.holder == Holder(type=HolderType.USER, name=owner)


def test_the_leaked_key_itself_is_no_second_identity() -> None:
    account = swept(ways_in=(access("bob", {BOB_KEY: AFTER}),))

    assert targets(account, leak()) == []


def test_a_new_key_that_is_inactive_lets_nobody_in() -> None:
    way = access("alice")
    key = KeyFact(key_id=NEW_KEY, state=KeyState.INACTIVE, created_at=AFTER)
    account = swept(user("alice"), ways_in=(replace(way, keys=Known((key,))),))

    door = only(suspects(account, leak()))

    assert door.state is DoorState.CONTAINED


def test_a_password_made_since_is_a_suspect() -> None:
    account = swept(user("alice"), ways_in=(access("alice", password_at=AFTER),))

    door = only(suspects(account, leak()))

    assert (door.kind, door.target) == (DoorKind.LOGIN_PROFILE, "user/alice")
    assert door.holder == Holder(type=HolderType.USER, name="alice")


def test_an_old_policy_with_a_new_default_version_is_for_a_person_to_close() -> None:
    policy = PolicyDetail(
        arn=f"arn:aws:iam::{ACCOUNT}:policy/read",
        name="read",
        created_at=BEFORE,
        default_version_created_at=AFTER,
    )

    door = only(suspects(swept(policy), leak()))

    assert (door.kind, door.holder) == (DoorKind.POLICY_VERSION, None)


def test_a_policy_that_is_new_and_whole_is_no_way_in() -> None:
    policy = PolicyDetail(
        arn=f"arn:aws:iam::{ACCOUNT}:policy/read",
        name="read",
        created_at=AFTER,
        default_version_created_at=AFTER,
    )

    assert targets(swept(policy), leak()) == []


def test_a_provider_made_since_is_a_suspect_and_so_is_the_role_that_trusts_it() -> None:
    arn = f"arn:aws:iam::{ACCOUNT}:saml-provider/evil"
    trust = (
        trusting(arn)
        .replace('"AWS"', '"Federated"')
        .replace("sts:AssumeRole", "sts:AssumeRoleWithSAML")
    )

    found = suspects(swept(Provider(arn=arn, created_at=AFTER), role("sso", trust=trust)), leak())

    assert {(each.kind, each.target) for each in found} == {
        (DoorKind.PROVIDER, arn),
        (DoorKind.TRUST_POLICY, "role/sso"),
    }


def test_an_old_role_that_lets_a_suspect_in_is_one_itself() -> None:
    account = swept(EVIL, role("admin", trust=trusting(EVIL.arn)))

    found = {each.target: each for each in suspects(account, leak())}

    assert found["role/admin"].kind is DoorKind.TRUST_POLICY
    assert "user/evil" in found["role/admin"].reason


def test_a_session_of_a_suspect_role_in_a_trust_policy_counts_as_the_role() -> None:
    session = f"arn:aws:sts::{ACCOUNT}:assumed-role/evil/x"
    account = swept(role("evil", created_at=AFTER), role("admin", trust=trusting(session)))

    assert set(targets(account, leak())) == {"role/evil", "role/admin"}


def test_trust_in_a_foreign_account_alone_is_no_suspicion() -> None:
    account = swept(role("vendor", trust=trusting("arn:aws:iam::999999999999:root")))

    assert targets(account, leak()) == []


def test_unconditional_trust_in_a_foreign_account_that_was_used_since_is_listed_last() -> None:
    trust = trusting("arn:aws:iam::999999999999:root")
    account = swept(EVIL, role("vendor", trust=trust, used_at=AFTER))

    found = suspects(account, leak())

    assert [each.target for each in found] == ["user/evil", "role/vendor"]
    assert found[1].weight == 1


def test_a_foreign_account_under_a_condition_is_taken_for_a_vendor() -> None:
    trust = trusting("arn:aws:iam::999999999999:root", conditional=True)

    assert targets(swept(role("vendor", trust=trust, used_at=AFTER)), leak()) == []


def test_a_role_that_the_leak_may_become_and_that_was_used_since_is_a_suspect() -> None:
    door = only(suspects(swept(role("admin", trust=ROOT_TRUST, used_at=AFTER)), leak()))

    assert (door.kind, door.weight) == (DoorKind.ROLE_SESSION, 1)
    assert door.holder == Holder(type=HolderType.ROLE, name="admin")


@pytest.mark.parametrize("trust", [ROOT_TRUST, trusting(BOB.arn or "")])
def test_a_role_that_was_not_used_since_is_none(trust: str) -> None:
    assert targets(swept(role("admin", trust=trust, used_at=BEFORE)), leak()) == []


def test_a_role_of_a_machine_is_none_however_often_it_was_used() -> None:
    assert targets(swept(role("machine", used_at=AFTER)), leak()) == []


def test_a_principal_that_may_do_nothing_has_no_suspects() -> None:
    account = swept(
        EVIL,
        role("evil", created_at=AFTER),
        role("admin", trust=ROOT_TRUST, used_at=AFTER),
        ways_in=(access("evil", {NEW_KEY: AFTER}, password_at=AFTER),),
    )

    assert targets(account, leak(may=("s3:GetObject",))) == []


def test_a_trust_policy_that_names_the_leak_needs_no_policy_of_the_leak_s_own() -> None:
    account = swept(EVIL, role("admin", trust=trusting(BOB.arn or ""), used_at=AFTER))

    assert targets(account, leak(may=("s3:GetObject",))) == ["user/evil", "role/admin"]


def test_a_principal_that_may_only_make_users_has_only_users_as_suspects() -> None:
    account = swept(EVIL, role("evil", created_at=AFTER))

    assert targets(account, leak(may=("iam:CreateUser",))) == ["user/evil"]


def test_power_over_policies_is_power_over_everything() -> None:
    assert could_make(facts("iam:AttachUserPolicy")) == frozenset(DoorKind)


def test_what_was_not_read_counts_as_could() -> None:
    unread = replace(facts(), attached=Unknown(Gap.DENIED, "no"))

    assert could_make(unread) == frozenset(DoorKind)


def test_our_own_deny_says_nothing_of_the_time_before_it() -> None:
    deny = '{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"*","Resource":"*"}]}'
    able = facts("iam:*")
    assert isinstance(able.inline, Known)
    cut = replace(
        able,
        inline=Known((*able.inline.value, InlinePolicy(name="UnleakDenyAll", document=deny))),
    )

    assert could_make(cut) == frozenset(DoorKind)


def test_an_allowance_under_one_of_our_names_is_still_an_allowance() -> None:
    able = facts("iam:*")
    assert isinstance(able.inline, Known)
    named = InlinePolicy(name="UnleakDenyAll", document=able.inline.value[0].document)

    assert could_make(replace(able, inline=Known((named,)))) == frozenset(DoorKind)


def test_the_leaked_principal_is_no_second_identity_of_its_own() -> None:
    assert targets(swept(user("bob", created_at=AFTER)), leak()) == []


def test_roles_that_only_aws_can_make_are_left_out() -> None:
    linked = role("AWSServiceRoleForX", created_at=AFTER, path="/aws-service-role/x/")

    assert targets(swept(linked), leak()) == []


def test_roles_of_identity_center_are_left_out_with_a_word() -> None:
    path = "/aws-reserved/sso.amazonaws.com/"
    ranking = rank(swept(role("AWSReservedSSO_x", created_at=AFTER, path=path)), leak())

    assert ranking.doors == ()
    assert "Identity Center" in ranking.notes[0]


def test_our_own_second_key_is_for_a_person_to_close_and_never_denies_us() -> None:
    way = access("responder", {"AKIARESPONDERRESPOND": AFTER, NEW_KEY: AFTER}, password_at=AFTER)

    door = only(suspects(swept(ways_in=(way,)), leak()))

    assert (door.target, door.holder) == (NEW_KEY, None)


def test_the_trail_can_name_the_leak_as_the_maker() -> None:
    door = only(suspects(swept(EVIL), leak(made(DoorKind.USER, "evil", by=BOB_KEY))))

    assert door.weight == 3
    assert BOB_KEY in door.reason


@pytest.mark.parametrize(
    "making",
    [
        made(DoorKind.USER, "evil", by=ALICE_KEY),
        made(DoorKind.USER, "evil", by=None, of=ROOT),
        made(DoorKind.USER, "evil", by="ASIAX", of=some_role("ci")),
        made(DoorKind.USER, "evil", by=RESPONDER.access_key_id),
        made(DoorKind.USER, "evil", by="AKIAROOTROOTROOTROOT"),
    ],
    ids=["an old key", "root", "a role's session", "ourselves", "a key in no list is root's"],
)
def test_the_work_of_a_known_other_is_cleared(making: Making) -> None:
    account = swept(
        EVIL, role("ci"), user("alice"), ways_in=(access("alice", {ALICE_KEY: BEFORE}),)
    )

    ranking = rank(account, leak(making))

    assert ranking.doors == ()
    assert "1 new thing is no suspect" in ranking.notes[0]


@pytest.mark.parametrize(
    "making",
    [
        made(DoorKind.USER, "evil", by="ASIAX"),
        made(DoorKind.USER, "evil", by=NEW_KEY),
        made(DoorKind.USER, "evil", by="AKIAGONEGONEGONEGONE", of=replace(BOB, name="alice")),
        made(DoorKind.USER, "evil", by="AKIADELETEDDELETEDDE"),
        made(DoorKind.USER, "evil", by="ASIAX", of=some_role("admin")),
        made(DoorKind.USER, "evil", by="ASIAX", of=replace(BOB, name="alice")),
        made(DoorKind.USER, "evil", by=ALICE_KEY, at=BEFORE),
    ],
    ids=[
        "a session without a name",
        "a new key",
        "a key of a user that is gone from his list",
        "a key that was deleted since",
        "a role that the leak may become",
        "a session of a user with a new key",
        "an earlier user of that name",
    ],
)
def test_the_work_of_nobody_who_is_surely_innocent_stays(making: Making) -> None:
    account = swept(
        EVIL,
        role("admin", trust=ROOT_TRUST),
        user("alice"),
        ways_in=(access("alice", {ALICE_KEY: BEFORE, NEW_KEY: AFTER}),),
    )

    found = targets(account, leak(making, deleted=frozenset({"AKIADELETEDDELETEDDE"})))

    assert "user/evil" in found


def test_a_suspect_s_own_work_is_suspect_too() -> None:
    account = swept(
        EVIL,
        role("worse", created_at=AFTER),
        ways_in=(access("evil", {NEW_KEY: AFTER}),),
    )
    makings = (
        made(DoorKind.USER, "evil", by=BOB_KEY),
        made(DoorKind.ACCESS_KEY, NEW_KEY, by=BOB_KEY, key_of="evil"),
        made(DoorKind.ROLE, "worse", by=NEW_KEY),
    )

    found = {each.target: each for each in suspects(account, leak(*makings))}

    assert set(found) == {"user/evil", NEW_KEY, "role/worse"}
    assert "a suspect itself" in found["role/worse"].reason


def test_what_a_cleared_newcomer_made_is_cleared_too() -> None:
    account = swept(
        user("ci", created_at=AFTER),
        role("app", created_at=AFTER),
        user("alice"),
        ways_in=(access("alice", {ALICE_KEY: BEFORE}), access("ci", {NEW_KEY: AFTER})),
    )
    makings = (
        made(DoorKind.USER, "ci", by=ALICE_KEY),
        made(DoorKind.ACCESS_KEY, NEW_KEY, by=ALICE_KEY, key_of="ci"),
        made(DoorKind.ROLE, "app", by=NEW_KEY),
    )

    assert targets(account, leak(*makings)) == []


def test_two_newcomers_that_made_one_another_stay_suspects() -> None:
    account = swept(
        user("one", created_at=AFTER),
        user("two", created_at=AFTER),
        ways_in=(access("one", {"AKIAONE": AFTER}), access("two", {"AKIATWO": AFTER})),
    )
    makings = (
        made(DoorKind.USER, "one", by="AKIATWO"),
        made(DoorKind.USER, "two", by="AKIAONE"),
    )

    assert {"user/one", "user/two"} <= set(targets(account, leak(*makings)))


def test_one_innocent_maker_beside_the_leak_clears_nothing() -> None:
    account = swept(EVIL, user("alice"), ways_in=(access("alice", {ALICE_KEY: BEFORE}),))
    makings = (
        made(DoorKind.USER, "evil", by=ALICE_KEY),
        made(DoorKind.USER, "evil", by=BOB_KEY),
    )

    assert only(suspects(account, leak(*makings))).weight == 3


def test_a_key_whose_event_leaves_its_id_out_is_matched_by_user_and_time() -> None:
    account = swept(user("alice"), ways_in=(access("alice", {NEW_KEY: AFTER}),))
    event = made(DoorKind.ACCESS_KEY, "", by=BOB_KEY, key_of="alice", at=AFTER)

    assert only(suspects(account, leak(event))).weight == 3


@pytest.mark.parametrize(
    ("kind", "name", "target"),
    [
        (DoorKind.TRUST_POLICY, "app", "role/app"),
        (DoorKind.LOGIN_PROFILE, "alice", "user/alice"),
        (
            DoorKind.POLICY_VERSION,
            f"arn:aws:iam::{ACCOUNT}:policy/read",
            f"arn:aws:iam::{ACCOUNT}:policy/read",
        ),
    ],
)
def test_what_the_leak_changed_without_a_new_date_is_told_by_the_trail(
    kind: DoorKind, name: str, target: str
) -> None:
    policy = PolicyDetail(arn=f"arn:aws:iam::{ACCOUNT}:policy/read", name="read", created_at=BEFORE)
    account = swept(
        role("app"), user("alice"), policy, ways_in=(access("alice", password_at=BEFORE),)
    )

    door = only(suspects(account, leak(made(kind, name, by=BOB_KEY))))

    assert (door.kind, door.target, door.weight) == (kind, target, 3)


def test_a_session_that_the_leak_was_seen_to_open_needs_no_last_use() -> None:
    account = swept(role("admin"), EVIL)
    opened = replace(
        made(DoorKind.ROLE_SESSION, "admin", by=BOB_KEY), session_id="ASIACHILDCHILDCHILDC"
    )
    by_child = made(DoorKind.USER, "evil", by="ASIACHILDCHILDCHILDC", of=some_role("admin"))

    found = suspects(account, leak(opened, by_child))

    assert [(each.target, each.weight) for each in found] == [("user/evil", 3), ("role/admin", 3)]


def test_without_facts_everything_counts_as_possible() -> None:
    unread = replace(leak(), facts=(), makers=NO_MAKERS)

    assert targets(swept(EVIL), unread) == ["user/evil"]


def test_an_account_that_could_not_be_read_shows_no_doors() -> None:
    assert suspects(Swept(), leak()) == ()


def test_what_was_cleared_once_stays_so_in_a_look_that_sees_less() -> None:
    alice = access("alice", {ALICE_KEY: BEFORE})
    account = swept(EVIL, user("alice"), ways_in=(alice,))
    what = leak(made(DoorKind.USER, "evil", by=ALICE_KEY))
    less = replace(account, access=NOT_LOOKED_AT, providers=NOT_LOOKED_AT)

    forgetful = suspects(less, what)
    mindful = suspects(less, replace(what, cleared=rank(account, what).cleared))

    assert [each.target for each in forgetful] == ["user/evil"]
    assert mindful == ()


def test_a_thing_made_anew_under_a_cleared_name_is_a_suspect_again() -> None:
    alice = access("alice", {ALICE_KEY: BEFORE})
    what = leak(made(DoorKind.USER, "evil", by=ALICE_KEY))
    cleared = rank(swept(EVIL, user("alice"), ways_in=(alice,)), what).cleared
    again = user("evil", created_at=AFTER + timedelta(minutes=1))

    found = targets(swept(again, user("alice"), ways_in=(alice,)), replace(what, cleared=cleared))

    assert found == ["user/evil"]
