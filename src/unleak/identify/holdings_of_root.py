"""What the root user holds: two sources tell, and neither names a key id.

Sources: https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccountSummary.html and
https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_getting-report.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from unleak.model.holding import ROOT, Holding, HoldingKind, HoldingState, NotAudited
from unleak.model.reading import NOT_LOOKED_AT

if TYPE_CHECKING:
    from collections.abc import Mapping

    from unleak.model.register import ReportKey, ReportRow

_KEYS = "AccountAccessKeysPresent"
_PASSWORD = "AccountPasswordPresent"  # noqa: S105 - the name of a count
_MFA = "AccountMFAEnabled"
_CERTIFICATES = "AccountSigningCertificatesPresent"


def root_holdings(
    row: ReportRow | None, summary: Mapping[str, int] | None
) -> tuple[tuple[Holding, ...], tuple[NotAudited, ...]]:
    """Return what root holds, and what could not be told.

    Args:
        row: root's line of the credential report, None where there is none.
        summary: the account's summary, None where it could not be read.
    """
    counts = summary or {}
    gaps: list[NotAudited] = []
    if row is None and summary is None:
        why = "neither the credential report nor the account summary could be read"
        return (), (NotAudited(where="root user", why=why),)
    found = [
        *_slots(row, row.keys if row else (), HoldingKind.ACCESS_KEY, counts.get(_KEYS)),
        *_slots(
            row, row.certificates if row else (), HoldingKind.CERTIFICATE, counts.get(_CERTIFICATES)
        ),
    ]
    has_password = _has_password(row, counts)
    if has_password is None:
        why = "neither the credential report nor the account summary tells whether there is one"
        gaps.append(NotAudited(where="root password", why=why))
    elif has_password:
        found.append(_password(row, counts))
    return tuple(found), tuple(gaps)


def _has_password(row: ReportRow | None, counts: Mapping[str, int]) -> bool | None:
    if _PASSWORD in counts:
        return counts[_PASSWORD] > 0
    return None if row is None else row.has_password


def _password(row: ReportRow | None, counts: Mapping[str, int]) -> Holding:
    has_mfa = counts[_MFA] > 0 if _MFA in counts else None if row is None else row.has_mfa
    return Holding(
        kind=HoldingKind.PASSWORD,
        owner=ROOT,
        owner_arn="" if row is None else row.arn,
        is_root=True,
        state=HoldingState.ACTIVE,
        created_at=None if row is None else row.password_changed_at,
        last_used=NOT_LOOKED_AT if row is None else row.password_last_used,
        has_mfa=has_mfa,
    )


def _slots(
    row: ReportRow | None, slots: tuple[ReportKey, ...], kind: HoldingKind, count: int | None
) -> list[Holding]:
    """Return one holding a slot of the report; more where the summary, which is newer, says so.

    The count says "there is at least one" rather than how many (untested for certificates).
    """
    there = [each for each in slots if each.is_active or each.rotated_at is not None]
    found = [
        Holding(
            kind=kind,
            owner=ROOT,
            owner_arn="" if row is None else row.arn,
            is_root=True,
            state=HoldingState.ACTIVE if each.is_active else HoldingState.INACTIVE,
            created_at=each.rotated_at,
            last_used=each.last_used,
        )
        for each in there
    ]
    if count and not found:
        found.append(
            Holding(
                kind=kind,
                owner=ROOT,
                owner_arn="" if row is None else row.arn,
                is_root=True,
                state=HoldingState.ACTIVE,
            )
        )
    return found
