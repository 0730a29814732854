"""One leaked credential as an entry on a page: what it is, whose, and how we know."""

from __future__ import annotations

from typing import TYPE_CHECKING

from unleak.model.credential import CredentialKind, CredentialStatus
from unleak.report.page import Entry, Heading, Headline, Page, Paragraph, Tone
from unleak.report.wording import count_words, how_words, instant, kind_words, owner_words, sentence

if TYPE_CHECKING:
    from unleak.model.credential import Credential

_STATUS = {
    CredentialStatus.ACTIVE: "active: it works as long as nobody cuts it off",
    CredentialStatus.INACTIVE: "inactive: it signs nothing; sessions opened with it may live on",
    CredentialStatus.EXPIRED: "expired; sessions opened with it may live on",
    CredentialStatus.DELETED: "deleted; sessions opened with it may live on",
}


def credential_entry(credential: Credential) -> Entry:
    """Return all that is known about one credential; what is not known is said."""
    rows = [
        ("whose", owner_words(credential.principal)),
        ("account", credential.account or "not known"),
    ]
    if credential.parent is not None:
        rows.append(("opened by", owner_words(credential.parent)))
    if credential.session_name is not None:
        rows.append(("session", credential.session_name))
    if credential.kind.is_session:
        rows.append(("issued", instant(credential.issued_at)))
        rows.append(("expires", instant(credential.expires_at)))
    if credential.kind is not CredentialKind.PRINCIPAL:
        rows.append(("status", status_words(credential.status)))
    rows.append(("how we know", how_words(credential.how)))
    rows.extend(("note", sentence(note)) for note in credential.notes)
    return Entry("*", f"{credential.label}: {kind_words(credential.kind)}", tuple(rows))


def _unknown_owner(credentials: tuple[Credential, ...]) -> Page:
    if all(credential.principal is not None for credential in credentials):
        return ()
    hint = "If you know whose it is, say so:  --owner role/NAME  or  --owner user/NAME"
    return (Paragraph(hint),)


def status_words(status: CredentialStatus | None) -> str:
    """Return the status in words; None is "not known", which is not "dead"."""
    return "not known: take it for alive" if status is None else _STATUS[status]


def identified_page(credentials: tuple[Credential, ...]) -> Page:
    """Return the page of `unleak identify`."""
    if not credentials:
        return (
            Headline("No AWS credential was found.", Tone.CAREFUL),
            Paragraph("What to do next: name whose it is: `unleak plan role/NAME`, or user/NAME."),
        )
    found = count_words(len(credentials), "leaked credential")
    return (
        Headline(f"{found}. Nothing was changed."),
        *(credential_entry(credential) for credential in credentials),
        Heading("What to do next"),
        *_unknown_owner(credentials),
        Paragraph("See what cutting it off would do:  unleak plan   (changes nothing)"),
        Paragraph("Cut it off:  unleak revoke   (asks before it changes anything)"),
    )
