"""What takes the place of keys for one service: requests signed with a role, or short-term keys."""

from __future__ import annotations

from typing import TYPE_CHECKING

from unleak.model.holding import Replacement, ReplacementKind, Snippet

if TYPE_CHECKING:
    from unleak.audit.ground import Ground
    from unleak.model.holding import Holding


def service_key(holding: Holding, ground: Ground) -> Replacement:
    """Return what to use instead of a key for one service."""
    service = (holding.service or "").lower()
    if service.startswith("bedrock"):
        return _bedrock()
    if service.startswith("codecommit"):
        return codecommit(ground)
    if service.startswith("cassandra"):
        return _signed(
            "the SigV4 plugin of the Cassandra driver, with the role of the program",
            link="https://docs.aws.amazon.com/keyspaces/latest/devguide/programmatic.credentials.html",
        )
    return _signed(
        "requests that the SDK signs with the role of the program",
        link="https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_service-specific-creds.html",
    )


def codecommit(ground: Ground) -> Replacement:
    """Return how git reaches CodeCommit with temporary credentials."""
    commands = (
        "pip install git-remote-codecommit\n"
        f"git remote set-url origin codecommit::{ground.region}://PROFILE@REPOSITORY"
    )
    return Replacement(
        kind=ReplacementKind.CODECOMMIT,
        title="git-remote-codecommit: git signs with the profile's temporary credentials",
        why="it is good for CodeCommit alone",
        snippets=(Snippet(title="on each machine", text=commands),),
        link="https://docs.aws.amazon.com/codecommit/latest/userguide/setting-up-git-remote-codecommit.html",
    )


def ses(why: str) -> Replacement:
    """Return what to do about mail: SMTP knows nothing but long-lived passwords."""
    text = (
        "import boto3\n\n"
        'boto3.client("sesv2").send_email(FromEmailAddress=..., Destination=..., Content=...)'
    )
    return Replacement(
        kind=ReplacementKind.SES,
        title=(
            "the API of SES with the role of the program; for SMTP there is no temporary "
            "password, so where it must stay: one user for it, ses:SendRawEmail alone, "
            "and `unleak rotate`"
        ),
        why=f"{why}; the SMTP user's name is the key id, so deleting the key stops that mail",
        snippets=(Snippet(title="instead of SMTP", text=text),),
        link="https://docs.aws.amazon.com/ses/latest/dg/smtp-credentials.html",
    )


def _bedrock() -> Replacement:
    commands = (
        "pip install aws-bedrock-token-generator\n"
        "export AWS_BEARER_TOKEN_BEDROCK=\"$(python -c 'import aws_bedrock_token_generator as a; "
        "print(a.provide_token())')\""
    )
    return Replacement(
        kind=ReplacementKind.BEDROCK,
        title=(
            "requests that the SDK signs with a role; where only a bearer token fits, a short-term "
            "key, which dies with its session and after twelve hours at most"
        ),
        why="it is good for Bedrock alone, and spends money",
        snippets=(Snippet(title="a short-term key (untested)", text=commands),),
        link="https://docs.aws.amazon.com/bedrock/latest/userguide/api-keys.html",
    )


def _signed(title: str, *, link: str) -> Replacement:
    return Replacement(
        kind=ReplacementKind.SIGNED_REQUESTS,
        title=title,
        why="it is good for one service alone",
        link=link,
    )
