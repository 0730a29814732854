"""Sign-in for people: Identity Center or `aws login` instead of passwords and keys; root apart."""

from __future__ import annotations

from typing import TYPE_CHECKING

from unleak.model.holding import HoldingKind, Replacement, ReplacementKind, Snippet

if TYPE_CHECKING:
    from unleak.audit.ground import Ground
    from unleak.model.holding import Holding


def identity_center(why: str, ground: Ground) -> Replacement:
    """Return how a person signs in for a day, at the console and at the command line alike."""
    config = (
        "[sso-session company]\nsso_start_url = https://YOUR-PORTAL.awsapps.com/start\n"
        f"sso_region = {ground.region}\nsso_registration_scopes = sso:account:access\n\n"
        f"[profile work]\nsso_session = company\nsso_account_id = {ground.account}\n"
        f"sso_role_name = PERMISSION-SET\nregion = {ground.region}"
    )
    return Replacement(
        kind=ReplacementKind.IDENTITY_CENTER,
        title="IAM Identity Center; without one, `aws login` with the console's own sign-in",
        why=why,
        snippets=(
            Snippet(title="~/.aws/config", text=config),
            Snippet(title="each day", text="aws sso login --profile work"),
        ),
        link="https://docs.aws.amazon.com/cli/latest/userguide/cli-configure-sso.html",
    )


def root(holding: Holding) -> Replacement:
    """Return what to do with what root holds: keys go, a password is locked away or taken off."""
    link = "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_root-enable-root-access.html"
    central = Snippet(
        title="central root access, with the management account of an organization",
        text=(
            "aws organizations enable-aws-service-access --service-principal iam.amazonaws.com\n"
            "aws iam enable-organizations-root-credentials-management\n"
            "aws iam enable-organizations-root-sessions"
        ),
    )
    if holding.kind is HoldingKind.PASSWORD:
        return Replacement(
            kind=ReplacementKind.ROOT,
            title=(
                "in a member account none at all: central root access; else a second factor that "
                "is no telephone, and the password in a safe"
            ),
            why="only a few tasks need root, and no program does",
            snippets=(central,),
            link=link,
        )
    return Replacement(
        kind=ReplacementKind.ROOT,
        title=(
            "nothing: sign in as root, switch it off, then delete it; in a member account central "
            "root access can do that"
        ),
        why="only a few tasks need root, and no program does; a role does what the key did",
        snippets=(central,),
        link=link,
    )
