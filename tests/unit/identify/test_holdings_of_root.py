"""What root holds, from two sources that each tell a part."""

from __future__ import annotations

import pytest

from fakes.holdings import days_ago, used
from unleak.identify.holdings_of_root import root_holdings
from unleak.model.holding import HoldingKind, HoldingState
from unleak.model.reading import NOT_LOOKED_AT
from unleak.model.register import ReportKey, ReportRow

NOTHING = ReportKey(is_active=False, rotated_at=None, last_used=NOT_LOOKED_AT)
ACTIVE = ReportKey(is_active=True, rotated_at=days_ago(9), last_used=used(1))


def row(*keys: ReportKey, has_password: bool | None = None) -> ReportRow:
    return ReportRow(
        user="<root_account>",
        arn="arn:aws:iam::123456789012:root",
        created_at=days_ago(2000),
        has_password=has_password,
        password_last_used=used(50),
        password_changed_at=None,
        has_mfa=True,
        keys=keys or (NOTHING, NOTHING),
    )


def test_the_report_tells_when_a_root_key_was_made_and_used() -> None:
    (key,), gaps = root_holdings(row(ACTIVE, NOTHING), {"AccountPasswordPresent": 0})

    assert (key.kind, key.is_root, key.created_at, key.last_used) == (
        HoldingKind.ACCESS_KEY,
        True,
        days_ago(9),
        used(1),
    )
    assert gaps == ()


def test_a_root_key_newer_than_the_report_is_known_from_the_summary() -> None:
    summary = {"AccountAccessKeysPresent": 1, "AccountPasswordPresent": 0}

    (key,), _ = root_holdings(row(), summary)

    assert (key.kind, key.state) == (HoldingKind.ACCESS_KEY, HoldingState.ACTIVE)


def test_an_inactive_root_key_is_still_a_key() -> None:
    off = ReportKey(is_active=False, rotated_at=days_ago(9), last_used=NOT_LOOKED_AT)

    (key,), _ = root_holdings(row(off, NOTHING), {"AccountPasswordPresent": 0})

    assert key.state is HoldingState.INACTIVE


@pytest.mark.parametrize(("enabled", "has_mfa"), [(1, True), (0, False)])
def test_the_second_factor_of_root_is_what_the_summary_says(
    enabled: int,
    has_mfa: bool,  # noqa: FBT001 - a case
) -> None:
    summary = {"AccountPasswordPresent": 1, "AccountMFAEnabled": enabled}

    (password,), _ = root_holdings(row(), summary)

    assert (password.kind, password.has_mfa) == (HoldingKind.PASSWORD, has_mfa)


def test_a_certificate_of_root_is_found_by_the_summary_alone() -> None:
    summary = {"AccountSigningCertificatesPresent": 1, "AccountPasswordPresent": 0}

    (certificate,), _ = root_holdings(None, summary)

    assert certificate.kind is HoldingKind.CERTIFICATE


def test_a_member_without_a_root_password_has_none() -> None:
    assert root_holdings(row(has_password=False), None) == ((), ())


def test_a_password_that_nobody_tells_of_is_a_gap() -> None:
    found, gaps = root_holdings(row(has_password=None), None)

    assert found == ()
    assert [each.where for each in gaps] == ["root password"]


def test_where_nothing_could_be_read_root_is_not_taken_for_clean() -> None:
    found, gaps = root_holdings(None, None)

    assert found == ()
    assert [each.where for each in gaps] == ["root user"]
