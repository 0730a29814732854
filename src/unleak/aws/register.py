"""Asks for the long-lived credentials of the account, as `model.register.Register` lists them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from unleak.aws.answer import instant, part, parts, some_text, text
from unleak.aws.asking import Asking
from unleak.aws.credential_report import credential_report
from unleak.aws.user_powers import user_powers
from unleak.model.holding import HoldingState
from unleak.model.register import Place, Registered, RegisteredUser

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from unleak.aws.answer import Answer
    from unleak.aws.session import AwsSession
    from unleak.model.register import CredentialReport
    from unleak.model.situation import PrincipalFacts

_STATES: Final = {"Active": HoldingState.ACTIVE, "Expired": HoldingState.EXPIRED}
_LARGEST_PAGE: Final = 1000
_ADDRESS_FILTERS: Final = (
    "association.public-ip",
    "addresses.private-ip-address",
    "ipv6-addresses.ipv6-address",
)
_MOST_VALUES: Final = 200
"""The most values that one filter takes.

Source: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/Query-Requests.html (untested)
"""


class AwsRegister:
    """The register of long-lived credentials; safe across threads.

    Args:
        session: the responder's session.
    """

    def __init__(self, session: AwsSession) -> None:
        self._asking = Asking(session)

    def report(self) -> CredentialReport:
        """Ask for the credential report, and wait for it."""
        return credential_report(self._asking)

    def users(self) -> tuple[RegisteredUser, ...]:
        """List all users."""
        found = self._asking.iam_pages("list_users", "Users", MaxItems=_LARGEST_PAGE)
        return tuple(
            RegisteredUser(
                name=text(each, "UserName"),
                arn=text(each, "Arn"),
                created_at=instant(each, "CreateDate"),
            )
            for each in found
        )

    def access_keys(self, user: str) -> tuple[Registered, ...]:
        """List a user's access keys."""
        found = self._asking.iam_pages("list_access_keys", "AccessKeyMetadata", UserName=user)
        return tuple(_registered(each, "AccessKeyId", user) for each in found)

    def service_keys(self, user: str | None) -> tuple[Registered, ...]:
        """List service keys, those of all users at once where the cloud can.

        Source:
        https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListServiceSpecificCredentials.html
        """
        whose: dict[str, object] = {"AllUsers": True} if user is None else {"UserName": user}
        found = self._asking.iam_pages(
            "list_service_specific_credentials", "ServiceSpecificCredentials", **whose
        )
        return tuple(_registered(each, "ServiceSpecificCredentialId", user) for each in found)

    def ssh_keys(self, user: str) -> tuple[Registered, ...]:
        """List a user's SSH keys for CodeCommit."""
        found = self._asking.iam_pages("list_ssh_public_keys", "SSHPublicKeys", UserName=user)
        return tuple(_registered(each, "SSHPublicKeyId", user) for each in found)

    def certificates(self, user: str) -> tuple[Registered, ...]:
        """List a user's signing certificates."""
        found = self._asking.iam_pages("list_signing_certificates", "Certificates", UserName=user)
        return tuple(_registered(each, "CertificateId", user) for each in found)

    def has_mfa(self, user: str) -> bool:
        """Ask whether a user has an MFA device."""
        return bool(self._asking.iam_pages("list_mfa_devices", "MFADevices", UserName=user))

    def powers(self) -> Mapping[str, PrincipalFacts]:
        """Read what each user may do, all at once."""
        return user_powers(self._asking)

    def places(self, addresses: Sequence[str], *, region: str) -> tuple[Place, ...]:
        """Ask which of these addresses are the account's own.

        Addresses change hands: an interface of today says nothing certain about a call of last
        month.
        Source:
        https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeNetworkInterfaces.html
        """
        wanted = tuple(dict.fromkeys(addresses))[:_MOST_VALUES]
        if not wanted:
            return ()
        found: dict[str, Place] = {}
        for name in _ADDRESS_FILTERS:
            asked = [each for each in wanted if (":" in each) == name.startswith("ipv6")]
            for interface in self._interfaces(name, asked, region) if asked else ():
                for address in set(_addresses(interface)) & set(wanted):
                    found[address] = _place(interface, address, region)
        return tuple(found.values())

    def _interfaces(self, name: str, values: list[str], region: str) -> Iterator[Answer]:
        sent: dict[str, object] = {"Filters": [{"Name": name, "Values": values}]}
        while True:
            answer = self._asking.of("ec2", "describe_network_interfaces", sent, region=region)
            yield from parts(answer, "NetworkInterfaces")
            token = text(answer, "NextToken")
            if not token:
                return
            sent["NextToken"] = token


def _registered(found: Answer, id_field: str, user: str | None) -> Registered:
    return Registered(
        id=text(found, id_field),
        user=text(found, "UserName") or user or "",
        state=_STATES.get(text(found, "Status"), HoldingState.INACTIVE),
        created_at=instant(found, "CreateDate") or instant(found, "UploadDate"),
        service=some_text(found, "ServiceName"),
        expires_at=instant(found, "ExpirationDate"),
    )


def _addresses(interface: Answer) -> Iterator[str]:
    yield text(part(interface, "Association"), "PublicIp")
    for each in parts(interface, "PrivateIpAddresses"):
        yield text(each, "PrivateIpAddress")
        yield text(part(each, "Association"), "PublicIp")
    for each in parts(interface, "Ipv6Addresses"):
        yield text(each, "Ipv6Address")


def _place(interface: Answer, address: str, region: str) -> Place:
    instance = text(part(interface, "Attachment"), "InstanceId")
    words, type_ = text(interface, "Description"), text(interface, "InterfaceType")
    kind, name = "interface", text(interface, "NetworkInterfaceId")
    if instance:
        kind, name = "instance", instance
    elif type_ == "nat_gateway":
        kind = "nat-gateway"
    elif type_ == "lambda" or words.startswith("AWS Lambda VPC ENI"):
        kind = "lambda"
    elif ":ecs:" in words:
        kind = "ecs-task"
    return Place(address=address, kind=kind, name=name, region=region)
