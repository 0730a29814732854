"""Ways from one credential to the next that no key id in an answer tells."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fakes.trails import ACCOUNT, Event, assume, call, create_key, key_of
from unleak.evidence.target import NamedTarget, parse_target
from unleak.model.credential import CredentialKind
from unleak.trail.closure import Closed, close
from unleak.trail.record import Record, read_record
from unleak.trail.seeds import Seed, key_seed, principal_seed

if TYPE_CHECKING:
    from unleak.model.trace import Confidence
    from unleak.trail.fields import Json

SEED = key_of(0)
IAM = "iam.amazonaws.com"
OTHER = "203.0.113.9"


def records(*events: Event) -> list[Record]:
    return [record for event in events if (record := read_record(event)) is not None]


def closed(*events: Event, seed: Seed | None = None) -> Closed:
    return close(records(*events), (seed or key_seed(SEED),))[0]


def found(closure: Closed) -> dict[str, Confidence]:
    return {each.access_key_id: each.confidence for each in closure.credentials}


def by_user(name: str, key_id: str | None) -> Event:
    identity: Event = {
        "type": "IAMUser",
        "userName": name,
        "arn": f"arn:aws:iam::{ACCOUNT}:user/{name}",
        "accountId": ACCOUNT,
    }
    return identity if key_id is None else {**identity, "accessKeyId": key_id}


def iam(number: int, name: str, **asked: str) -> Event:
    return call(number, name, SEED, eventSource=IAM, requestParameters=asked)


def in_session(session: str, key_id: str) -> Json:
    return {
        "type": "AssumedRole",
        "arn": f"arn:aws:sts::{ACCOUNT}:assumed-role/app/{session}",
        "accessKeyId": key_id,
    }


def test_a_failed_call_makes_no_edge() -> None:
    denied = assume(1, SEED, key_of(1), errorCode="AccessDenied")

    assert found(closed(denied)) == {}


def test_juggling_between_two_roles_ends() -> None:
    ring = [assume(n, key_of(n % 3), key_of((n + 1) % 3)) for n in range(6)]

    assert found(closed(*ring)) == {key_of(1): "proven", key_of(2): "proven"}


def test_every_key_of_a_user_that_was_made_counts() -> None:
    events = (
        iam(1, "CreateUser", userName="spare"),
        call(2, "ListBuckets", None, userIdentity=by_user("spare", key_of(5, "AKIA"))),
    )

    (credential,) = closed(*events).credentials

    assert (credential.access_key_id, credential.via) == (key_of(5, "AKIA"), "CreateUser")
    assert credential.kind is CredentialKind.USER_KEY


def test_a_session_after_a_sign_in_with_the_password_that_was_set_is_inferred() -> None:
    before = call(0, "ListBuckets", None, userIdentity=by_user("bob", key_of(6)))
    events = (
        iam(1, "CreateLoginProfile", userName="bob"),
        call(
            2,
            "ConsoleLogin",
            None,
            userIdentity=by_user("bob", None),
            responseElements={"ConsoleLogin": "Success"},
        ),
        call(3, "ListBuckets", None, userIdentity=by_user("bob", key_of(7))),
    )

    assert found(closed(before, *events)) == {key_of(7): "inferred"}


def test_a_failed_sign_in_opens_nothing() -> None:
    events = (
        iam(1, "CreateLoginProfile", userName="bob"),
        call(
            2,
            "ConsoleLogin",
            None,
            userIdentity=by_user("bob", None),
            responseElements={"ConsoleLogin": "Failure"},
        ),
        call(3, "ListBuckets", None, userIdentity=by_user("bob", key_of(7))),
    )

    assert found(closed(*events)) == {}


def test_an_instance_that_was_entered_is_inferred_where_it_is_used_from_the_thief_s_address() -> (
    None
):
    entered = call(1, "SendCommand", SEED, requestParameters={"instanceIds": ["i-1"]})
    stolen = call(2, "ListBuckets", None, userIdentity=in_session("i-1", key_of(8)), userAgent="x")
    left = call(
        3,
        "ListBuckets",
        None,
        userIdentity=in_session("i-1", key_of(9)),
        userAgent="agent",
        sourceIPAddress=OTHER,
    )
    onward = assume(4, key_of(8), key_of(10))

    assert found(closed(entered, stolen, left, onward)) == {
        key_of(8): "inferred",
        key_of(10): "inferred",
    }


def test_a_role_whose_trust_was_written_and_that_a_stranger_then_asks_for_is_inferred() -> None:
    stranger: Event = {"type": "AWSAccount", "accountId": "999988887777"}
    written = iam(1, "UpdateAssumeRolePolicy", roleName="app")
    before = assume(0, None, key_of(3), userIdentity=stranger)
    after = assume(2, None, key_of(4), userIdentity=stranger, sourceIPAddress=OTHER)

    assert found(closed(before, written, after)) == {key_of(4): "inferred"}


def test_the_other_account_s_copy_tells_the_child_that_ours_does_not() -> None:
    ours = assume(1, SEED, key_of(1), responseElements=None, sharedEventID="s-1")
    theirs = assume(2, None, key_of(1), userIdentity={"type": "AWSAccount"}, sharedEventID="s-1")

    assert found(closed(ours, theirs)) == {key_of(1): "proven"}


def test_a_proven_way_outweighs_an_inferred_one() -> None:
    entered = call(1, "SendCommand", SEED, requestParameters={"instanceIds": ["i-1"]})
    stolen = call(2, "ListBuckets", None, userIdentity=in_session("i-1", key_of(8)))
    proof = assume(3, SEED, key_of(8))

    assert found(closed(entered, stolen, proof)) == {key_of(8): "proven"}


def test_a_named_user_stands_for_all_keys_that_it_used() -> None:
    target = parse_target("user/bob")
    assert isinstance(target, NamedTarget)
    events = (
        call(1, "ListBuckets", None, userIdentity=by_user("bob", key_of(1, "AKIA"))),
        assume(2, key_of(1, "AKIA"), key_of(2), userIdentity=by_user("bob", key_of(1, "AKIA"))),
        create_key(3, key_of(9), key_of(3, "AKIA")),
    )

    closure = closed(*events, seed=principal_seed(target.principal))

    assert closure.seed_keys == {key_of(1, "AKIA")}
    assert found(closure) == {key_of(2): "proven"}


def test_a_named_session_is_that_session_alone() -> None:
    target = parse_target("session/app/one")
    assert isinstance(target, NamedTarget)
    events = (
        call(1, "ListBuckets", None, userIdentity=in_session("one", key_of(1))),
        call(2, "ListBuckets", None, userIdentity=in_session("two", key_of(2))),
    )

    closure = closed(*events, seed=principal_seed(target.principal, target.session_name))

    assert closure.seed_keys == {key_of(1)}
