"""Whose it is: which question goes out when, who is believed, what is said of the unknown."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from fakes.cloud import FakeCloud, refusal
from unleak.errors import (
    ClockSkew,
    CredentialDead,
    MissingPermission,
    NoSuchPrincipal,
    ResponderCredentials,
    UnleakError,
    Unreachable,
)
from unleak.identify.consent import Asking, Consent
from unleak.identify.who import Identified, identify, identify_offline
from unleak.model.action import KeyState
from unleak.model.credential import (
    Credential,
    CredentialKind,
    CredentialStatus,
    FoundCredential,
    How,
)
from unleak.model.ports import KeyUse, TrailEvent
from unleak.model.principal import Principal, PrincipalType
from unleak.model.secret import Secret
from unleak.model.situation import Caller

# both decode to the same account, which is the responder's here
SESSION = "ASIAQNZGKIQY56JQ7WML"
OURS = "029608264753"
USER_KEY = "AKIAQNZGKIQY56JQ7WML"
FOREIGN_SESSION = "ASIAY34FZKBOKMUTVV7A"
UNDECODABLE = "ASIAB880285270FA49F6"

ROLE = Principal(type=PrincipalType.ROLE, name="deploy")
USER = Principal(type=PrincipalType.USER, name="alice")
FORBIDDEN = Asking(consent=Consent.FORBIDDEN)
GRANTED = Asking(consent=Consent.GRANTED)
IF_OWN = Asking(consent=Consent.IF_OWN_ACCOUNT)


class Account(FakeCloud):
    """Our account; keys of others can be told to be foreign."""

    def __init__(self) -> None:
        super().__init__(account=OURS)
        self.identity = replace(self.identity, access_key_id="AKIAQNZGKIQY5AAAAAAA")
        self.told_accounts: dict[str, str] = {}
        self.failing_regions: dict[str, UnleakError] = {}

    def account_of_key(self, key_id: str) -> str:
        told = super().account_of_key(key_id)
        return self.told_accounts.get(key_id, told)

    def trail_events(
        self, *, attribute: str, value: str, region: str, since: datetime | None = None
    ) -> tuple[TrailEvent, ...]:
        if region in self.failing_regions:
            raise self.failing_regions[region]
        return super().trail_events(attribute=attribute, value=value, region=region, since=since)


def session(key_id: str = SESSION, *, arn: str | None = None) -> FoundCredential:
    return FoundCredential(
        access_key_id=key_id,
        secret=Secret("made-up-secret"),
        session_token=Secret("made-up-token"),
        arn=arn,
    )


def bare(key_id: str = SESSION, *, arn: str | None = None) -> FoundCredential:
    return FoundCredential(access_key_id=key_id, arn=arn)


def look(
    found: FoundCredential,
    cloud: Account,
    *,
    asking: Asking = FORBIDDEN,
    owner: Principal | None = None,
    quick: bool = True,
) -> Credential:
    return whole(found, cloud, asking=asking, owner=owner, quick=quick).credentials[0]


def whole(
    found: FoundCredential,
    cloud: Account,
    *,
    asking: Asking = FORBIDDEN,
    owner: Principal | None = None,
    quick: bool = True,
) -> Identified:
    return identify((found,), reader=cloud, asking=asking, owner=owner, quick=quick)


def says(credential: Credential, words: str) -> bool:
    return any(words in note for note in credential.notes)


def role_identity(*, account: str = OURS) -> Caller:
    return Caller(
        account=account,
        arn=f"arn:aws:sts::{account}:assumed-role/deploy/build-7",
        unique_id="AROAQNZGKIQYEXAMPLES1:build-7",
        access_key_id=None,
    )


def role_call(key_id: str = SESSION, *, region: str = "us-east-1") -> TrailEvent:
    identity = {
        "type": "AssumedRole",
        "arn": f"arn:aws:sts::{OURS}:assumed-role/deploy/build-7",
        "accessKeyId": key_id,
        "sessionContext": {
            "sessionIssuer": {
                "arn": f"arn:aws:iam::{OURS}:role/ci/deploy",
                "principalId": "AROAQNZGKIQYEXAMPLES1",
            },
            "attributes": {"creationDate": "2026-11-24T06:00:00Z"},
        },
    }
    return TrailEvent(
        event_id="event-1",
        event_name="ListBuckets",
        region=region,
        at=None,
        document=json.dumps({"userIdentity": identity}),
    )


# a long-lived key


def test_a_users_key_is_known_after_one_round_without_signing_with_it() -> None:
    cloud = Account()
    cloud.add_user("alice", keys=[USER_KEY])

    found = FoundCredential(access_key_id=USER_KEY, secret=Secret("made-up-secret"))
    result = whole(found, cloud, asking=GRANTED)

    credential = result.credentials[0]
    assert credential.kind is CredentialKind.USER_KEY
    assert credential.principal == Principal(
        type=PrincipalType.USER, name="alice", account=OURS, partition="aws"
    )
    assert credential.how == (How.OFFLINE, How.STS, How.IAM)
    assert sorted(each.split()[0] for each in cloud.asked) == [
        "account_of_key",
        "caller",
        "key_use",
    ]
    assert result.signed_with == ()
    assert result.consented == (found,)


def test_the_full_look_reads_the_status_of_a_key() -> None:
    cloud = Account()
    holder = cloud.add_user("alice", keys=[USER_KEY])
    cloud.at(holder).keys[USER_KEY] = KeyState.INACTIVE

    assert look(bare(USER_KEY), cloud, quick=False).status is CredentialStatus.INACTIVE


def test_a_key_that_no_user_holds_but_aws_knows_is_roots() -> None:
    cloud = Account()
    cloud.add_user("alice")

    credential = look(bare(USER_KEY), cloud)

    assert credential.kind is CredentialKind.ROOT_KEY
    assert credential.principal is not None
    assert credential.principal.arn == f"arn:aws:iam::{OURS}:root"
    assert says(credential, "it is taken for root's")


class NamesRoot(Account):
    """A cloud that names the owner of every key `root`."""

    def key_use(self, key_id: str) -> KeyUse:
        super().key_use(key_id)
        return KeyUse(user="root")


def test_a_user_whose_name_is_root_is_not_the_root_user() -> None:
    cloud = NamesRoot()
    cloud.add_user("root", keys=[USER_KEY])

    credential = look(bare(USER_KEY), cloud)

    assert credential.kind is CredentialKind.USER_KEY


@pytest.mark.parametrize(
    "error",
    [
        MissingPermission("no"),
        refusal(code="Unsupported", operation="GetAccessKeyLastUsed", status=405),
    ],
)
def test_where_the_key_cannot_be_asked_about_every_users_keys_are_looked_through(
    error: UnleakError,
) -> None:
    cloud = Account()
    for number in range(100):
        cloud.add_user(f"user{number}")
    cloud.add_user("alice", keys=[USER_KEY])
    cloud.failing["key_use"] = error

    credential = look(bare(USER_KEY), cloud)

    assert credential.principal is not None
    assert credential.principal.name == "alice"
    assert says(credential, "iam:GetAccessKeyLastUsed")


def test_a_key_that_iam_does_not_know_has_no_owner_and_says_why() -> None:
    cloud = Account()
    cloud.add_user("alice")
    cloud.failing["key_use"] = NoSuchPrincipal("no such key")

    credential = look(bare(USER_KEY), cloud)

    assert credential.principal is None
    assert credential.kind is CredentialKind.USER_KEY
    assert says(credential, "deleted, or its id is mistyped")
    assert says(credential, "user/NAME")


def test_keys_that_may_not_be_listed_are_counted_not_swallowed() -> None:
    cloud = Account()
    cloud.add_user("alice", keys=[USER_KEY])
    cloud.failing["key_use"] = MissingPermission("no")
    cloud.failing["keys"] = MissingPermission("no")

    credential = look(bare(USER_KEY), cloud)

    assert credential.principal is None
    assert says(credential, "the keys of 1 of 1 users could not be read")


# a session with its secret


def test_with_consent_the_session_itself_is_asked_in_the_first_round() -> None:
    cloud = Account()
    cloud.leaked_identity = role_identity()

    result = whole(session(), cloud, asking=IF_OWN)

    credential = result.credentials[0]
    assert credential.kind is CredentialKind.ROLE_SESSION
    assert credential.principal is not None
    assert credential.principal.label == "role/deploy"
    assert credential.principal.unique_id == "AROAQNZGKIQYEXAMPLES1"
    assert credential.session_name == "build-7"
    assert credential.status is CredentialStatus.ACTIVE
    assert How.ASKED_LEAKED in credential.how
    assert result.signed_with == (SESSION,)
    assert not any(each.startswith("trail_events") for each in cloud.asked)


def test_the_first_round_goes_out_at_once() -> None:
    meeting = threading.Barrier(3, timeout=10)

    class Meets(Account):
        def caller(self) -> Caller:
            meeting.wait()
            return super().caller()

        def account_of_key(self, key_id: str) -> str:
            meeting.wait()
            return super().account_of_key(key_id)

        def ask_leaked(self, found: FoundCredential, *, region: str | None) -> Caller:
            meeting.wait()
            return super().ask_leaked(found, region=region)

    cloud = Meets()
    cloud.leaked_identity = role_identity()

    assert look(session(), cloud, asking=IF_OWN).principal is not None


def test_forbidden_means_that_the_leak_signs_nothing() -> None:
    cloud = Account()
    cloud.leaked_identity = role_identity()

    result = whole(session(), cloud, asking=FORBIDDEN)

    assert not any(each.startswith("ask_leaked") for each in cloud.asked)
    assert (result.signed_with, result.consented) == ((), ())
    assert says(result.credentials[0], "--ask-leaked allows it")


def test_a_foreign_session_is_not_asked_when_only_our_own_may_be() -> None:
    cloud = Account()
    cloud.told_accounts[FOREIGN_SESSION] = "609629065308"
    cloud.leaked_identity = role_identity()

    result = whole(session(FOREIGN_SESSION), cloud, asking=IF_OWN)

    assert not any(each.startswith("ask_leaked") for each in cloud.asked)
    assert result.credentials[0].account == "609629065308"
    assert says(result.credentials[0], f"you are signed in to {OURS}")
    assert result.consented == ()


def test_an_id_that_does_not_decode_is_asked_once_aws_told_its_account() -> None:
    cloud = Account()
    cloud.leaked_identity = role_identity()

    result = whole(session(UNDECODABLE), cloud, asking=IF_OWN)

    assert result.credentials[0].kind is CredentialKind.ROLE_SESSION
    assert result.signed_with == (UNDECODABLE,)


def test_a_decode_that_aws_contradicts_is_noted_and_withdraws_the_implied_consent() -> None:
    cloud = Account()
    cloud.told_accounts[SESSION] = "111122223333"
    cloud.leaked_identity = None

    result = whole(session(), cloud, asking=IF_OWN)

    assert result.credentials[0].account == "111122223333"
    assert says(result.credentials[0], "AWS is believed")
    assert result.consented == ()


def test_a_person_is_asked_once_for_each_credential_that_can_sign() -> None:
    cloud = Account()
    cloud.leaked_identity = role_identity()
    questions: list[str | None] = []

    def ask(found: FoundCredential) -> bool:
        questions.append(found.access_key_id)
        return False

    identify(
        (session(), bare(UNDECODABLE)),
        reader=cloud,
        asking=Asking(consent=Consent.ASK, ask=ask),
        owner=None,
        quick=True,
    )

    assert questions == [SESSION]
    assert not any(each.startswith("ask_leaked") for each in cloud.asked)


@pytest.mark.parametrize(
    ("code", "status", "words"),
    [
        ("ExpiredToken", CredentialStatus.EXPIRED, "has expired"),
        ("InvalidClientTokenId", None, "cut off or mistyped"),
    ],
)
def test_a_dead_session_is_told_from_a_damaged_token(
    code: str, status: CredentialStatus | None, words: str
) -> None:
    cloud = Account()
    cloud.failing["ask_leaked"] = CredentialDead("dead", error_code=code)

    credential = look(session(), cloud, asking=GRANTED)

    assert credential.status is status
    assert says(credential, words)
    assert says(credential, code)


def test_a_wrong_secret_is_no_death() -> None:
    cloud = Account()
    cloud.failing["ask_leaked"] = refusal(code="SignatureDoesNotMatch", operation="x", status=403)

    credential = look(session(), cloud, asking=GRANTED)

    assert credential.status is None
    assert says(credential, "the real one may be alive")


def test_a_federated_session_gets_its_parent_from_the_person() -> None:
    cloud = Account()
    arn = f"arn:aws:sts::{OURS}:federated-user/guest"
    cloud.leaked_identity = Caller(
        account=OURS, arn=arn, unique_id=f"{OURS}:guest", access_key_id=None
    )

    credential = look(session(), cloud, asking=GRANTED, owner=USER)

    assert credential.kind is CredentialKind.FEDERATED_SESSION
    assert credential.parent == USER
    assert How.NAMED in credential.how


@pytest.mark.parametrize(
    ("resource", "kind"),
    [("iam::029608264753:root", "root-session"), ("iam::029608264753:user/a", "user-session")],
)
def test_the_identity_makes_the_kind_of_a_session(resource: str, kind: str) -> None:
    cloud = Account()
    cloud.leaked_identity = Caller(
        account=OURS, arn=f"arn:aws:{resource}", unique_id=None, access_key_id=None
    )

    assert look(session(), cloud, asking=GRANTED).kind == kind


# a bare session id


def test_a_bare_session_is_found_in_cloudtrail() -> None:
    cloud = Account()
    cloud.events.append(role_call())

    credential = look(bare(), cloud)

    assert credential.kind is CredentialKind.ROLE_SESSION
    assert credential.principal is not None
    assert credential.principal.arn == f"arn:aws:iam::{OURS}:role/ci/deploy"
    assert credential.issued_at == datetime(2026, 11, 24, 6, 0, 0, tzinfo=UTC)
    assert How.CLOUDTRAIL in credential.how


def test_an_event_in_a_far_region_is_found() -> None:
    cloud = Account()
    cloud.enabled_regions = ("us-east-1", "eu-west-1", "sa-east-1")
    cloud.events.append(role_call(region="sa-east-1"))

    assert look(bare(), cloud).principal is not None


def test_the_quick_look_stops_at_the_first_regions_that_tell_and_says_so() -> None:
    cloud = Account()
    cloud.enabled_regions = ("us-east-1", "eu-west-1", "sa-east-1")
    cloud.events.append(role_call())

    credential = look(bare(), cloud)

    assert says(credential, "2 other regions were not searched")


def test_nothing_in_cloudtrail_says_where_it_looked_and_what_to_do() -> None:
    cloud = Account()
    cloud.enabled_regions = ("us-east-1", "eu-west-1")

    credential = look(bare(), cloud)

    assert credential.principal is None
    assert credential.kind is CredentialKind.UNKNOWN_SESSION
    assert says(credential, "no owner for it in 2 regions (us-east-1, eu-west-1)")
    assert says(credential, "5 minutes late")
    assert says(credential, "role/NAME")


def test_a_region_that_could_not_be_searched_is_named_with_its_reason() -> None:
    cloud = Account()
    cloud.enabled_regions = ("us-east-1", "eu-west-1")
    cloud.failing_regions["eu-west-1"] = MissingPermission("no")

    credential = look(bare(), cloud)

    assert says(credential, "not searched in eu-west-1: cloudtrail:LookupEvents is not allowed")
    assert says(credential, "in 1 region (us-east-1)")


def test_a_cloud_without_cloudtrail_claims_no_search() -> None:
    cloud = Account()
    for method in ("regions", "trail_events"):
        cloud.failing[method] = refusal(code="Unsupported", operation=method, status=405)

    credential = look(bare(), cloud)

    assert says(credential, "could not be searched at all")
    assert not says(credential, "shows no owner")


# what the person and the evidence say


def test_the_named_owner_is_taken_where_aws_tells_nothing() -> None:
    credential = look(bare(), Account(), owner=ROLE)

    assert credential.kind is CredentialKind.ROLE_SESSION
    assert credential.principal == ROLE
    assert How.NAMED in credential.how
    assert says(credential, "AWS did not confirm it")


def test_aws_wins_over_the_named_owner_and_the_contradiction_is_said() -> None:
    cloud = Account()
    cloud.events.append(role_call())

    credential = look(
        bare(),
        cloud,
        owner=Principal(type=PrincipalType.ROLE, name="another"),
        quick=False,
    )

    assert credential.principal is not None
    assert credential.principal.name == "deploy"
    assert says(credential, "you named role/another")


def test_a_role_cannot_hold_a_long_lived_key() -> None:
    cloud = Account()
    cloud.failing["key_use"] = MissingPermission("no")
    cloud.failing["users"] = MissingPermission("no")

    credential = look(bare(USER_KEY), cloud, owner=ROLE)

    assert credential.principal is None
    assert says(credential, "role/deploy cannot hold")


def test_a_named_owner_of_another_account_is_not_believed() -> None:
    owner = replace(ROLE, account="111122223333")

    credential = look(bare(), Account(), owner=owner)

    assert credential.principal is None
    assert says(credential, "not believed")


CLAIM = f"arn:aws:sts::{OURS}:assumed-role/claimed/x"


def test_an_arn_in_the_evidence_is_the_last_resort_and_said_to_be_a_claim() -> None:
    credential = look(bare(arn=CLAIM), Account())

    assert credential.principal is not None
    assert credential.principal.name == "claimed"
    assert credential.session_name == "x"
    assert says(credential, "AWS did not confirm it")


def test_cloudtrail_wins_over_an_arn_in_the_evidence() -> None:
    cloud = Account()
    cloud.events.append(role_call())

    credential = look(bare(arn=CLAIM), cloud)

    assert credential.principal is not None
    assert credential.principal.name == "deploy"
    assert says(credential, "not believed")


def test_an_arn_of_another_account_than_the_key_is_not_believed() -> None:
    arn = "arn:aws:sts::111122223333:assumed-role/claimed/x"

    credential = look(bare(arn=arn), Account())

    assert credential.principal is None
    assert says(credential, "not believed")


# the responder


@pytest.mark.parametrize("error", [ResponderCredentials("x"), ClockSkew("x"), Unreachable("x")])
def test_a_responder_who_cannot_ask_is_told_at_once(error: UnleakError) -> None:
    cloud = Account()
    cloud.failing["caller"] = error

    with pytest.raises(type(error)):
        whole(bare(), cloud)


def test_a_cloud_that_cannot_tell_who_we_are_does_not_stop_the_work() -> None:
    cloud = Account()
    for method in ("caller", "account_of_key", "regions", "trail_events", "ask_leaked"):
        cloud.failing[method] = refusal(code="Unsupported", operation=method, status=405)

    result = whole(session(), cloud, asking=GRANTED, owner=ROLE)

    assert result.caller.account is None
    assert result.credentials[0].principal == ROLE
    assert any("sts:GetCallerIdentity" in note for note in result.notes)


def test_a_question_about_a_dead_key_does_not_make_us_dead() -> None:
    cloud = Account()
    cloud.add_user("alice", keys=[USER_KEY])
    cloud.failing["account_of_key"] = ResponderCredentials("InvalidClientTokenId")

    assert look(bare(USER_KEY), cloud).principal is not None


def test_our_own_credential_needs_no_question_of_its_own() -> None:
    cloud = Account()
    cloud.identity = replace(role_identity(), access_key_id=SESSION)

    result = whole(session(), cloud, asking=GRANTED)

    credential = result.credentials[0]
    assert credential.principal is not None
    assert credential.principal.label == "role/deploy"
    assert credential.session_name == "build-7"
    assert says(credential, "signed in with")
    assert result.signed_with == ()
    assert sorted(cloud.asked) == [f"account_of_key {SESSION}", "caller"]


def test_our_own_key_is_not_called_deleted_because_iam_does_not_list_it() -> None:
    cloud = Account()
    root = f"arn:aws:iam::{OURS}:root"
    cloud.identity = Caller(account=OURS, arn=root, unique_id=OURS, access_key_id=USER_KEY)
    cloud.failing["key_use"] = NoSuchPrincipal("no such key")

    credential = look(bare(USER_KEY), cloud, quick=False)

    assert credential.kind is CredentialKind.ROOT_KEY
    assert credential.status is CredentialStatus.ACTIVE
    assert not says(credential, "deleted")


def test_a_session_past_its_recorded_expiry_is_expired_by_aws_clock() -> None:
    cloud = Account()
    made = json.loads(role_call().document)
    made["userIdentity"] = {}
    made["responseElements"] = {
        "credentials": {"accessKeyId": SESSION, "expiration": "Nov 24, 2026, 6:59:59 AM"},
        "assumedRoleUser": {"arn": f"arn:aws:sts::{OURS}:assumed-role/deploy/build-7"},
    }
    cloud.events.append(replace(role_call(), document=json.dumps(made)))

    credential = look(bare(), cloud)

    assert credential.status is CredentialStatus.EXPIRED
    assert says(credential, "2026-11-24T06:59:59Z")


def test_a_crowd_of_sessions_is_searched_for_a_few_at_a_time() -> None:
    at_once: list[int] = []

    class Counts(Account):
        def trail_events(
            self, *, attribute: str, value: str, region: str, since: datetime | None = None
        ) -> tuple[TrailEvent, ...]:
            with counting:
                at_once.append(threading.active_count())
            return super().trail_events(
                attribute=attribute, value=value, region=region, since=since
            )

    counting = threading.Lock()
    cloud = Counts()
    cloud.enabled_regions = tuple(f"eu-west-{number}" for number in range(20))
    crowd = tuple(bare(f"ASIAB880285270FA{number:04d}") for number in range(30))

    result = identify(crowd, reader=cloud, asking=FORBIDDEN, owner=None, quick=False)

    assert len(result.credentials) == 30
    assert max(at_once) < 200
    assert len(at_once) == 30 * 2 * 21


def test_nothing_found_asks_only_who_we_are() -> None:
    cloud = Account()

    result = identify((), reader=cloud, asking=FORBIDDEN, owner=ROLE, quick=True)

    assert result.credentials == ()
    assert cloud.asked == ["caller"]


def test_every_credential_keeps_its_place() -> None:
    cloud = Account()
    cloud.add_user("alice", keys=[USER_KEY])
    cloud.events.append(role_call())

    result = identify(
        (bare(), bare(USER_KEY), bare(UNDECODABLE)),
        reader=cloud,
        asking=FORBIDDEN,
        owner=None,
        quick=True,
    )

    kinds = [credential.kind for credential in result.credentials]
    assert [each.access_key_id for each in result.credentials] == [SESSION, USER_KEY, UNDECODABLE]
    assert kinds == [
        CredentialKind.ROLE_SESSION,
        CredentialKind.USER_KEY,
        CredentialKind.UNKNOWN_SESSION,
    ]


def test_no_secret_is_in_what_was_identified() -> None:
    cloud = Account()
    cloud.failing["ask_leaked"] = refusal(code="Odd", operation="GetCallerIdentity")

    shown = repr(whole(session(), cloud, asking=GRANTED))

    assert "made-up" not in shown


# offline


def test_offline_tells_kind_and_account_and_that_is_all() -> None:
    (credential,) = identify_offline((bare(),))

    assert credential.kind is CredentialKind.UNKNOWN_SESSION
    assert credential.account == OURS
    assert credential.principal is None
    assert credential.how == (How.OFFLINE,)


def test_offline_identification_loads_neither_aws_nor_threads() -> None:
    program = (
        "import sys\n"
        "from unleak.identify.who import identify_offline\n"
        "from unleak.model.credential import FoundCredential\n"
        f"identify_offline((FoundCredential(access_key_id={SESSION!r}),))\n"
        "heavy = {'botocore', 'rich', 'asyncio', 'concurrent.futures', 'click'}\n"
        "print(sorted(heavy & set(sys.modules)))\n"
    )

    done = subprocess.run(  # noqa: S603 - our own interpreter and text
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )

    assert done.stdout.strip() == "[]"
