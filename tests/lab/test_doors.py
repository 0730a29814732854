"""unleak's own reader, writer and prober on the lagging cloud, through all of botocore."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from botocore.exceptions import ClientError

from lab.cloud import revoke_document
from lab.lagging.clock import VirtualClock
from lab.lagging.doors import LaggingDoors
from lab.lagging.hand import make_policy
from lab.wire import Keys, Wire
from unleak.errors import MissingPermission, NoSuchPrincipal
from unleak.model.action import Holder, HolderType, KeyState, RoleRecord
from unleak.model.credential import FoundCredential
from unleak.model.principal import PrincipalType
from unleak.model.secret import Secret

if TYPE_CHECKING:
    from lab.lagging.cloud import LaggingCloud
    from unleak.model.ports import ProbeAnswer

ROLE = Holder(type=HolderType.ROLE, name="app")
USER = Holder(type=HolderType.USER, name="bob")


@pytest.fixture
def doors(quick: LaggingCloud) -> LaggingDoors:
    quick.make_role("app")
    return LaggingDoors(quick)


def probe(doors: LaggingDoors, keys: Keys, service: str, region: str = "us-east-1") -> ProbeAnswer:
    """Try a credential as unleak does."""
    found = FoundCredential(
        access_key_id=keys.access_key_id,
        secret=Secret(keys.secret),
        session_token=Secret(keys.token) if keys.token else None,
    )
    return doors.prober().probe(found, service=service, region=region)


def test_the_reader_reads_who_is_who(doors: LaggingDoors) -> None:
    cloud, reader = doors.cloud, doors.reader()
    bob = cloud.make_user("bob")

    caller = reader.caller()

    assert caller.arn == f"arn:aws:iam::{cloud.account}:user/responder"
    assert reader.users() == ("responder", "bob")
    assert [key.key_id for key in reader.keys("bob")] == [bob.access_key_id]
    assert reader.key_use(bob.access_key_id).user == "bob"
    assert reader.account_of_key(bob.access_key_id) == cloud.account
    assert reader.role("app").principal.type is PrincipalType.ROLE
    assert reader.regions() == ("us-east-1", "us-west-2", "eu-west-1")
    assert reader.account_summary()["AccessKeysPerUserQuota"] == 2
    assert reader.instance_profiles("app") == ()


def test_policies_come_back_byte_for_byte(doors: LaggingDoors) -> None:
    text = (
        '{"Version":"2012-10-17", "Statement":[{"Sid":"a+b%2B <&>",'
        '"Effect":"Deny","Action":"*","Resource":"*"}]}'
    )

    doors.writer().put_inline_policy(ROLE, policy_name="odd", document=text)

    assert doors.reader().inline_policy(ROLE, "odd") == text
    assert doors.reader().inline_policy(ROLE, "none") is None
    arn = make_policy(doors.cloud, "managed", text)
    assert doors.reader().managed_policy(arn) == text


def test_a_missing_role_is_told_as_such(doors: LaggingDoors) -> None:
    with pytest.raises(NoSuchPrincipal):
        doors.reader().role("nobody")


def test_a_responder_without_rights_is_told_so(quick: LaggingCloud) -> None:
    weak = quick.make_user("weak", policy='{"Statement":[]}')

    with pytest.raises(MissingPermission):
        LaggingDoors(quick, keys=weak).reader().users()


def test_the_writer_makes_every_change(doors: LaggingDoors) -> None:
    cloud, writer, reader = doors.cloud, doors.writer(), doors.reader()
    bob = cloud.make_user("bob")
    arn = make_policy(cloud, "managed", revoke_document(cloud.clock.now()))

    writer.set_key_status(user="bob", key_id=bob.access_key_id, state=KeyState.INACTIVE)
    writer.attach_policy(USER, policy_arn=arn)
    writer.put_boundary(USER, policy_arn=arn)
    cloud.call(cloud.responder_keys, "iam", "CreateGroup", GroupName="team")
    writer.add_to_group(user="bob", group="team")

    assert reader.keys("bob")[0].state is KeyState.INACTIVE
    assert [policy.arn for policy in reader.attached_policies(USER)] == [arn]
    assert reader.boundary(USER) == arn
    assert [group.name for group in reader.groups("bob")] == ["team"]
    writer.detach_policy(USER, policy_arn=arn)
    writer.delete_boundary(USER)
    writer.remove_from_group(user="bob", group="team")
    writer.delete_policy(arn)
    writer.delete_key(user="bob", key_id=bob.access_key_id)
    assert reader.keys("bob") == ()
    assert reader.boundary(USER) is None
    assert reader.managed_policy(arn) is None


def test_a_role_is_deleted_and_made_again_as_it_was(doors: LaggingDoors) -> None:
    writer, reader = doors.writer(), doors.reader()
    before = reader.role("app")
    record: RoleRecord = before.record

    writer.delete_inline_policy(ROLE, policy_name="work")
    writer.delete_role("app")
    writer.create_role(record)

    after = reader.role("app")
    assert after.record == record
    assert after.principal.unique_id != before.principal.unique_id


def test_every_probe_is_served_and_then_denied_in_so_many_words(doors: LaggingDoors) -> None:
    cloud = doors.cloud
    thief = cloud.assume("app", "thief")
    services = [name for name in doors.prober().services if name != "sts"]
    assert all(probe(doors, thief, name, "us-west-2").ok for name in services)
    cloud.clock.advance(2)

    document = revoke_document(cloud.clock.now())
    doors.writer().put_inline_policy(ROLE, policy_name="cut", document=document)

    for name in services:
        answer = probe(doors, thief, name, "us-west-2")
        assert not answer.ok
        assert "with an explicit deny in an identity-based policy" in answer.message, answer
    assert probe(doors, thief, "sts").ok


@pytest.mark.parametrize(
    ("service", "code"),
    [
        ("sts", "InvalidClientTokenId"),
        ("iam", "InvalidClientTokenId"),
        ("sqs", "InvalidClientTokenId"),
        ("sns", "InvalidClientTokenId"),
        ("s3", "InvalidAccessKeyId"),
        ("ec2", "AuthFailure"),
        ("dynamodb", "UnrecognizedClientException"),
        ("lambda", "UnrecognizedClientException"),
        ("kms", "UnrecognizedClientException"),
    ],
)
def test_a_dead_key_gets_the_code_of_each_service(
    doors: LaggingDoors, service: str, code: str
) -> None:
    bob = doors.cloud.make_user("bob")
    doors.writer().set_key_status(user="bob", key_id=bob.access_key_id, state=KeyState.INACTIVE)

    answer = probe(doors, bob, service)

    assert (answer.ok, answer.error_code) == (False, code)


def test_a_wrong_secret_is_no_proof_of_death(doors: LaggingDoors) -> None:
    bob = doors.cloud.make_user("bob")
    typo = Keys(access_key_id=bob.access_key_id, secret="typo")

    assert probe(doors, typo, "s3").error_code == "SignatureDoesNotMatch"
    assert probe(doors, typo, "dynamodb").error_code == "InvalidSignatureException"


def test_each_call_takes_its_time_before_it_is_decided_and_thieves_come_in_between(
    quick: LaggingCloud,
) -> None:
    quick.make_role("app")
    doors = LaggingDoors(quick)
    quick.latency = 0.5
    start = quick.clock.now()
    trust = '{"Statement":[]}'
    quick.clock.at(
        start + timedelta(seconds=0.4),
        lambda: quick.call(
            quick.admin_keys,
            "iam",
            "CreateRole",
            RoleName="between",
            AssumeRolePolicyDocument=trust,
        ),
    )

    read = doors.reader().role("between")

    assert read.created_at == start
    assert quick.clock.now() == start + timedelta(seconds=0.5)


def test_the_date_of_every_answer_is_the_clouds(doors: LaggingDoors) -> None:
    doors.cloud.clock.advance(3600)

    receipt = doors.writer().put_inline_policy(
        ROLE, policy_name="x", document=revoke_document(doors.cloud.clock.now())
    )

    assert receipt.at == doors.cloud.clock.now().replace(microsecond=0)


def test_the_trail_and_the_simulator_are_read_through_the_doors(doors: LaggingDoors) -> None:
    cloud, reader = doors.cloud, doors.reader()
    thief = cloud.assume("app", "thief")
    cloud.clock.advance(301)

    events = reader.trail_events(
        attribute="ResourceName", value=thief.access_key_id, region="us-east-1"
    )
    (simulated,) = reader.simulate(
        f"arn:aws:iam::{cloud.account}:role/app",
        ["s3:GetObject"],
        issued_at=cloud.clock.now(),
        context={},
    )

    assert [event.event_name for event in events] == ["AssumeRole"]
    assert (simulated.decision, simulated.matched) == ("allowed", ("work",))


def test_over_http_a_denied_ec2_call_can_be_decoded(quick: LaggingCloud) -> None:
    bob = quick.make_user("bob", policy='{"Statement":[{"Sid":"No","Effect":"Deny","Action":"*"}]}')
    with quick.serve() as endpoint:
        with pytest.raises(ClientError) as caught:
            Wire(endpoint=endpoint, keys=bob).call("ec2", "describe_instances", DryRun=True)
        message = caught.value.response["Error"]["Message"].rpartition(": ")[2]
        decoded = quick.admin.call(
            "sts", "decode_authorization_message", EncodedMessage=message
        ).text("DecodedMessage")

    assert '"explicitDeny": true' in decoded
    assert '"statementId": "No"' in decoded


def test_a_virtual_clock_runs_appointments_in_order_of_time() -> None:
    clock = VirtualClock()
    ran: list[tuple[str, float]] = []
    start = clock.now()

    def note(name: str) -> None:
        ran.append((name, (clock.now() - start).total_seconds()))

    clock.every(2, lambda: note("tick"), until=start + timedelta(seconds=5))
    clock.at(start + timedelta(seconds=3), lambda: note("once"))
    clock.advance(1)
    clock.advance(9)

    assert ran == [("tick", 2), ("once", 3), ("tick", 4)]
    assert clock.now() == start + timedelta(seconds=10)
