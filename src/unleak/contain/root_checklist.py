"""What is left to do by hand where root leaked, in order, for whoever can sign in as root.

Sources: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_root-user_manage_delete-key.html and
https://docs.aws.amazon.com/IAM/latest/UserGuide/root-user-best-practices.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from unleak.model.credential import CredentialKind

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from unleak.model.credential import Credential

_PAGE = "Security credentials, in the menu under the account's name at the top right"


def checklist(
    credentials: Sequence[Credential], account: str, *, is_deleted: bool, is_held: bool
) -> tuple[str, ...]:
    """Return what a person has to do as root, one line a step, in order.

    Args:
        credentials: what leaked of this root user.
        account: whose root.
        is_deleted: whether the plan deletes the leaked keys.
        is_held: whether a fence refuses everything to root meanwhile.
    """
    return tuple(_lines(credentials, account, is_deleted=is_deleted, is_held=is_held))


def _lines(
    credentials: Sequence[Credential], account: str, *, is_deleted: bool, is_held: bool
) -> Iterator[str]:
    keys = [each.access_key_id for each in credentials if each.kind is CredentialKind.ROOT_KEY]
    named = ", ".join(each for each in keys if each is not None) or "each access key"
    has_session = any(each.kind is CredentialKind.ROOT_SESSION for each in credentials)
    if is_held:
        yield (
            f"as root of {account}, once the fence may be lifted (`unleak undo --force`: it is "
            "what holds root now):"
        )
    else:
        yield f"sign in to {account} as root now (console, Root user, with the account's e-mail):"
    if not is_deleted:
        yield f"root: open {_PAGE}; under Access keys deactivate {named}, then delete it"
    yield (
        f"root: on the same page change the password, and remove every MFA device of {account} "
        "that nobody of you knows; then register one again"
    )
    yield (
        "root: on the page Account check the e-mail address, the telephone number and the "
        "alternate contacts: a thief changes them to keep the account"
    )
    yield "root: open a support case with AWS, and say that root's credentials leaked"
    if has_session or not is_held:
        yield "sessions that root opened live for an hour at most, whatever happens to the key"
