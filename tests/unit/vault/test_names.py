"""What the names of Vault's users tell, and which lease fits."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from unleak.model.vault import VaultLease
from unleak.vault.names import DEFAULT_TEMPLATE, is_default, issued_name, leases_of, users_of

STAMP = 1_795_000_000
THEN = datetime.fromtimestamp(STAMP, UTC)
NAME = f"vault-token-ci-bot-deploy-{STAMP}-AbCdEfGhIjKlMnOpQrSt"


def lease(seconds: float, name: str = "x") -> VaultLease:
    return VaultLease(id=f"aws/creds/deploy/{name}", issued_at=THEN + timedelta(seconds=seconds))


def test_a_users_name_tells_the_token_the_role_and_the_second() -> None:
    issued = issued_name(NAME)

    assert issued is not None
    assert (issued.consumer("deploy"), issued.issued_at) == ("token-ci-bot", THEN)
    assert issued.may_be_of("deploy")
    assert not issued.may_be_of("other")


def test_a_name_that_was_cut_may_be_of_any_role() -> None:
    body = "kubernetes-production-payments-service-wor"
    issued = issued_name(f"vault-{body}-{STAMP}-AbCd")

    assert len(body) == 42
    assert issued is not None
    assert issued.may_be_of("worker-role")
    assert issued.consumer("worker-role") is None


@pytest.mark.parametrize(
    "name",
    ["alice", "vault", "vault-root", "vault-1795-x", f"vault-a\n-deploy-{STAMP}-Ab", "vault--1-"],
)
def test_other_names_are_not_vaults(name: str) -> None:
    assert issued_name(name) is None


def test_a_federated_name_has_no_role_in_it() -> None:
    issued = issued_name(f"vault-{STAMP}-AbCdEfGhIjKlM")

    assert issued is not None
    assert issued.body == ""


def test_the_lease_written_down_after_the_name_was_made_fits() -> None:
    issued = issued_name(NAME)
    assert issued is not None

    fitting = leases_of(issued, (lease(-60, "old"), lease(1.5, "own"), lease(300, "later")))

    assert [each.id for each in fitting] == ["aws/creds/deploy/own"]


def test_a_lease_without_a_time_fits_nothing() -> None:
    issued = issued_name(NAME)
    assert issued is not None

    assert leases_of(issued, (VaultLease(id="x", issued_at=None),)) == ()


def test_users_with_a_lease_are_told_from_those_without() -> None:
    stray = f"vault-token-deploy-{STAMP - 9_000}-AbCd"
    foreign = f"vault-token-other-{STAMP}-AbCd"

    found = users_of("deploy", (NAME, stray, foreign, "alice"), (lease(2),))

    assert found == ((NAME,), (stray,))


@pytest.mark.parametrize("template", [None, "", DEFAULT_TEMPLATE, DEFAULT_TEMPLATE + "\n"])
def test_the_default_template_is_known_however_it_is_spaced(template: str | None) -> None:
    assert is_default(template)


def test_a_template_of_ones_own_is_not_the_default() -> None:
    assert not is_default('{{ printf "app-%s" (.DisplayName) }}')
