"""A leaked user on a double of AWS: the password and the thief's MFA device go, and it is told.

MiniStack has neither credentials for single services nor SSH keys nor signing certificates: those
are tested on the lab's own lagging cloud, and with exact parameters in `tests/aws`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from botocore.exceptions import ClientError

from lab.command_line import CommandLine
from lab.scene import Scene

if TYPE_CHECKING:
    from pathlib import Path

    from lab.command_line import Finished
    from lab.lagging.cloud import LaggingCloud
    from lab.wire import Wire

pytestmark = pytest.mark.clouds

BEDROCK = "bedrock.amazonaws.com"
V3 = "arn:aws:iam::aws:policy/AWSCompromisedKeyQuarantineV3"


def give_password(wire: Wire, user: str) -> None:
    wire.call("iam", "create_login_profile", UserName=user, Password="Not-1-that-lives")


def give_device(wire: Wire, user: str, name: str) -> str:
    made = wire.call("iam", "create_virtual_mfa_device", VirtualMFADeviceName=name)
    serial = made.text("VirtualMFADevice", "SerialNumber")
    codes = {"AuthenticationCode1": "123456", "AuthenticationCode2": "654321"}
    wire.call("iam", "enable_mfa_device", UserName=user, SerialNumber=serial, **codes)
    return serial


def has_password(wire: Wire, user: str) -> bool:
    try:
        wire.call("iam", "get_login_profile", UserName=user)
    except ClientError:
        return False
    return True


def devices(wire: Wire, user: str) -> list[str]:
    listed = wire.call("iam", "list_mfa_devices", UserName=user)
    return [each.text("SerialNumber") for each in listed.rows("MFADevices")]


def attached(wire: Wire, user: str) -> list[str]:
    listed = wire.call("iam", "list_attached_user_policies", UserName=user)
    return [each.text("PolicyArn") for each in listed.rows("AttachedPolicies")]


def states(done: Finished) -> dict[str, str]:
    return {row.text("kind"): row.text("state") for row in done.document.rows("actions")}


@pytest.fixture
def own(lagging: LaggingCloud, tmp_path: Path) -> Scene:
    """A stage on the lab's own cloud, which has all that a user can sign in with."""
    home = tmp_path / "home"
    home.mkdir()
    shell = CommandLine(home=home, endpoint=lagging.endpoint, keys=lagging.responder)
    return Scene(cloud=lagging, shell=shell, tag="own")


def give_all(wire: Wire, user: str) -> dict[str, str]:
    """Give the user one of everything; returns the ids."""
    made = wire.call(
        "iam", "create_service_specific_credential", UserName=user, ServiceName=BEDROCK
    )
    key = wire.call("iam", "upload_ssh_public_key", UserName=user, SSHPublicKeyBody="ssh-rsa x")
    body = wire.call("iam", "upload_signing_certificate", UserName=user, CertificateBody="x")
    return {
        "service": made.text("ServiceSpecificCredential", "ServiceSpecificCredentialId"),
        "ssh": key.text("SSHPublicKey", "SSHPublicKeyId"),
        "certificate": body.text("Certificate", "CertificateId"),
    }


def statuses(wire: Wire, user: str) -> dict[str, str]:
    lists = {
        "list_service_specific_credentials": (
            "ServiceSpecificCredentials",
            "ServiceSpecificCredentialId",
        ),
        "list_ssh_public_keys": ("SSHPublicKeys", "SSHPublicKeyId"),
        "list_signing_certificates": ("Certificates", "CertificateId"),
    }
    return {
        each.text(name): each.text("Status")
        for operation, (rows, name) in lists.items()
        for each in wire.call("iam", operation, UserName=user).rows(rows)
    }


def test_a_named_user_loses_all_that_works_without_a_key(own: Scene) -> None:
    user, key = own.user()
    ids = give_all(own.cloud.admin, user)
    give_password(own.cloud.admin, user)
    own.assert_served(key)

    done = own.revoke(f"user/{user}", "--hold", "0")

    own.assert_refused(key)
    assert statuses(own.cloud.admin, user) == dict.fromkeys(ids.values(), "Inactive"), str(done)
    assert not has_password(own.cloud.admin, user)


def test_a_leaked_service_credential_is_turned_off_by_its_id_alone(own: Scene) -> None:
    user, key = own.user()
    ids = give_all(own.cloud.admin, user)

    done = own.revoke(ids["service"], "--proof", "read-back")

    own.assert_served(key)
    own.expect(done, code=0, status="contained")
    assert statuses(own.cloud.admin, user) == {
        ids["service"]: "Inactive",
        ids["ssh"]: "Active",
        ids["certificate"]: "Active",
    }
    assert "UnleakDenyBearerTokens" in own.policies(f"user/{user}")


def test_undo_with_force_turns_on_again_what_was_turned_off(own: Scene) -> None:
    user, _ = own.user()
    ids = give_all(own.cloud.admin, user)
    own.revoke(f"user/{user}", "--hold", "0")

    refused = own.shell.run("undo", "latest", "--yes", "--json")
    still = statuses(own.cloud.admin, user)
    own.shell.run("undo", "latest", "--yes", "--force", "--json")

    assert set(still.values()) == {"Inactive"}, str(refused)
    assert statuses(own.cloud.admin, user) == dict.fromkeys(ids.values(), "Active")


def test_a_named_user_loses_keys_password_and_the_new_device(aws: Scene) -> None:
    user, key = aws.user()
    admin = aws.cloud.admin
    give_password(admin, user)
    give_device(admin, user, aws.name("thief"))
    aws.assert_served(key)

    done = aws.revoke(f"user/{user}", "--hold", "0")

    aws.assert_dead(key)
    assert not has_password(admin, user)
    assert devices(admin, user) == []
    assert states(done)["delete-login-profile"] == "done", str(done)
    assert states(done)["deactivate-mfa-device"] == "done"
    assert not any("could not be read" in each for each in done.document.names("manual")), str(done)


def test_a_plan_names_the_device_and_changes_nothing(aws: Scene) -> None:
    user, _ = aws.user()
    serial = give_device(aws.cloud.admin, user, aws.name("phone"))

    planned = aws.shell.run("plan", f"user/{user}", "--since", "2020-01-01T00:00:00Z", "--json")
    kinds = [row.text("kind") for row in planned.document.rows("actions")]

    assert "deactivate-mfa-device" in kinds
    assert devices(aws.cloud.admin, user) == [serial]


def test_where_a_key_leaked_the_password_is_an_open_door_and_stays(aws: Scene) -> None:
    user, key = aws.user()
    give_password(aws.cloud.admin, user)

    done = aws.revoke("-", "--hold", "0", stdin=key.export_lines)

    aws.assert_dead(key)
    assert has_password(aws.cloud.admin, user)
    assert "delete-login-profile" not in states(done)


def test_the_quarantine_stays_unless_it_was_asked_for(aws: Scene) -> None:
    user, key = aws.user()
    aws.cloud.admin.call("iam", "attach_user_policy", UserName=user, PolicyArn=V3)

    done = aws.revoke("-", "--hold", "0", stdin=key.export_lines)

    aws.assert_dead(key)
    assert V3 in attached(aws.cloud.admin, user)
    assert any("quarantine" in each for each in done.document.names("warnings")), str(done)


def test_the_quarantine_is_detached_last_and_undo_attaches_it_again(aws: Scene) -> None:
    user, key = aws.user()
    aws.cloud.admin.call("iam", "attach_user_policy", UserName=user, PolicyArn=V3)

    done = aws.revoke(
        "-",
        "--hold",
        "0",
        "--detach-quarantine",
        "--dismiss",
        f"user/{user}",
        stdin=key.export_lines,
    )
    gone = V3 not in attached(aws.cloud.admin, user)
    aws.shell.run("undo", "latest", "--yes", "--json")

    aws.assert_dead(key)
    assert states(done)["detach-user-policy"] == "done", str(done)
    assert gone
    assert V3 in attached(aws.cloud.admin, user)
