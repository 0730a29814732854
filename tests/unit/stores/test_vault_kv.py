"""Vault's KV: compare-and-set and a way back in version 2, care in version 1."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from fakes.stores import NEEDLE, NEW, OLD, parted, reach, scene
from lab.stores.loopback import Given, ask, serve
from lab.stores.vault_kv import VaultLab
from unleak.errors import WrongUse
from unleak.stores.failures import StoreRefused, StoreSilent
from unleak.stores.interface import CannotSwap, Moved, NotSetUp, Reach
from unleak.stores.text_file import NoWayBack
from unleak.stores.vault_kv import VaultKv

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

TOKEN = "hvs.CAESIabcdefghijklmnop"
FIELDS: dict[str, object] = {
    "access_key": OLD.key_id,
    "secret_key": OLD.secret.reveal(),
    "ttl": 60,
}
RENEWED = {"access_key": NEW.key_id, "secret_key": NEW.secret.reveal(), "ttl": 60}


@pytest.fixture
def vault() -> VaultLab:
    return VaultLab(
        token=TOKEN, old={"app": dict(FIELDS)}, versions={"team a/app": [{"x": "y"}, dict(FIELDS)]}
    )


@pytest.fixture
def environment(vault: VaultLab) -> Iterator[dict[str, str]]:
    with serve(vault) as url:
        yield {"VAULT_ADDR": url, "VAULT_TOKEN": TOKEN}


@pytest.fixture
def there(environment: dict[str, str]) -> Reach:
    return reach(environment)


def test_a_new_version_holds_the_pair_and_a_second_client_reads_it(
    environment: dict[str, str], there: Reach
) -> None:
    store = VaultKv()
    spot = store.spot("secret/team a/app")
    held = store.held(spot, OLD.key_id, there)

    written = store.write(spot, OLD.key_id, NEW, held, there)

    told = ask(f"{environment['VAULT_ADDR']}/v1/secret/data/team%20a/app", {"X-Vault-Token": TOKEN})
    assert told == {"data": {"data": RENEWED, "metadata": {"version": 3, "destroyed": False}}}
    assert (held.version, written.version, written.way_back) == ("2", "3", "2")
    assert store.pair(spot, NEW.key_id, there) == NEW


def test_the_former_version_comes_back_as_a_new_one(vault: VaultLab, there: Reach) -> None:
    store = VaultKv()
    spot = store.spot("secret/team a/app")
    written = store.write(spot, OLD.key_id, NEW, store.held(spot, OLD.key_id, there), there)

    store.restore(spot, written, there)

    assert vault.versions["team a/app"][-1] == FIELDS
    assert len(vault.versions["team a/app"]) == 4


def test_what_was_made_from_nothing_is_deleted_again(vault: VaultLab, there: Reach) -> None:
    store = VaultKv()
    spot = store.spot("secret/fresh")
    held = store.held(spot, OLD.key_id, there)

    written = store.write(spot, OLD.key_id, NEW, held, there)
    made = vault.versions["fresh"][-1]
    store.restore(spot, written, there)

    assert held.version == "0"
    assert made == {"AWS_ACCESS_KEY_ID": NEW.key_id, "AWS_SECRET_ACCESS_KEY": NEW.secret.reveal()}
    assert vault.versions["fresh"] == [None]


def test_a_path_that_was_deleted_is_written_on_its_own_version(
    vault: VaultLab, there: Reach
) -> None:
    vault.versions["gone"] = [{"x": "y"}, None]
    store = VaultKv()
    spot = store.spot("secret/gone")

    written = store.write(spot, OLD.key_id, NEW, store.held(spot, OLD.key_id, there), there)

    assert written.version == "3"


def test_a_write_between_reading_and_writing_wins(vault: VaultLab, there: Reach) -> None:
    store = VaultKv()
    spot = store.spot("secret/team a/app")
    held = store.held(spot, OLD.key_id, there)
    vault.versions["team a/app"].append({"somebody": "else"})

    with pytest.raises(Moved):
        store.write(spot, OLD.key_id, NEW, held, there)

    assert vault.versions["team a/app"][-1] == {"somebody": "else"}


def test_vaults_own_compare_and_set_is_a_move(vault: VaultLab, there: Reach) -> None:
    store = VaultKv()
    spot = store.spot("secret/team a/app")
    held = store.held(spot, OLD.key_id, there)
    mounts = {"data": {"secret": {"secret/": {"type": "kv", "options": {"version": "2"}}}}}
    stale = {"data": {"data": FIELDS, "metadata": {"version": 2}}}
    refused = {"errors": ["check-and-set parameter did not match the current version"]}
    vault.scripted += [Given(body=mounts), Given(body=stale), Given(status=400, body=refused)]

    with pytest.raises(Moved):
        store.write(spot, OLD.key_id, NEW, held, there)


def test_version_1_is_written_without_a_way_back(vault: VaultLab, there: Reach) -> None:
    store = VaultKv()
    spot = store.spot("old/app")

    written = store.write(spot, OLD.key_id, NEW, store.held(spot, OLD.key_id, there), there)

    assert vault.old["app"] == RENEWED
    assert written.version == store.held(spot, OLD.key_id, there).version
    with pytest.raises(NoWayBack):
        store.restore(spot, written, there)


def test_nested_data_with_the_key_is_left_to_a_person(vault: VaultLab, there: Reach) -> None:
    vault.versions["nested"] = [{**FIELDS, "more": {"id": OLD.key_id}}]
    store = VaultKv()
    spot = store.spot("secret/nested")

    with pytest.raises(CannotSwap, match="nested"):
        store.write(spot, OLD.key_id, NEW, store.held(spot, OLD.key_id, there), there)

    assert len(vault.versions["nested"]) == 1


def test_all_engines_are_walked_and_what_was_not_read_is_told(
    vault: VaultLab, environment: dict[str, str]
) -> None:
    vault.versions["deep/er/one"] = [{"a": {"b": [OLD.key_id]}}]
    vault.versions["deep/other"] = [{"x": OLD.key_id}, {"x": "new"}]
    vault.versions["closed/one"] = [{"x": OLD.key_id}]
    vault.forbidden |= {"secret/metadata/closed"}

    references, searched, gaps = parted(VaultKv().search(NEEDLE, scene(environment)))

    assert [(each.where, each.kind, each.field, each.updatable) for each in references] == [
        ("vault-kv:old/app", "kv-v1", "access_key", True),
        ("vault-kv:secret/deep/er/one", "kv-v2", "a", False),
        ("vault-kv:secret/team a/app", "kv-v2", "access_key", True),
    ]
    assert "older versions" in references[2].note
    assert [each.where for each in gaps] == [
        "vault-kv secret/closed/",
        "vault-kv older versions of 1 secrets in secret",
    ]
    assert [(each.where, each.seen) for each in searched] == [("vault-kv old, secret", 4)]


def test_a_named_folder_is_searched_alone(vault: VaultLab, environment: dict[str, str]) -> None:
    vault.versions["team b/app"] = [dict(FIELDS)]
    targets = ("secret/team b", "nowhere/x", "old/app")

    references, _, gaps = parted(VaultKv().search(NEEDLE, scene(environment, *targets)))

    assert {each.location for each in references} == {"secret/team b/app", "old/app"}
    assert [each.where for each in gaps] == ["vault-kv nowhere/x"]


def test_the_namespace_goes_with_every_call(vault: VaultLab, environment: dict[str, str]) -> None:
    environment["VAULT_NAMESPACE"] = "acme/"

    list(VaultKv().search(NEEDLE, scene(environment)))

    assert {each.headers.get("x-vault-namespace") for each in vault.asked} == {"acme/"}


def test_the_token_does_not_follow_a_redirect(vault: VaultLab, there: Reach) -> None:
    stranger = VaultLab(token="?")
    with serve(stranger) as url:
        vault.scripted.append(Given(status=307, headers={"Location": f"{url}/v1/x"}))
        store = VaultKv()

        with pytest.raises(StoreRefused, match="not sent there") as caught:
            store.held(store.spot("secret/app"), OLD.key_id, there)

    assert stranger.asked == []
    assert "VAULT_ADDR" in caught.value.hint


def test_a_refused_token_is_an_error_without_the_token(environment: dict[str, str]) -> None:
    environment["VAULT_TOKEN"] = "hvs.wrongwrongwrongwrong"

    with pytest.raises(StoreRefused) as caught:
        list(VaultKv().search(NEEDLE, scene(environment)))

    assert caught.value.status == 403
    assert "hvs.wrong" not in caught.value.message + caught.value.hint


def test_a_throttled_call_is_made_again(vault: VaultLab, there: Reach) -> None:
    waits: list[float] = []
    vault.scripted += [Given(status=429, body={"errors": []})] * 2
    store = VaultKv(wait=waits.append)

    store.held(store.spot("secret/team a/app"), OLD.key_id, there)

    assert waits == [1.0, 2.0]


def test_a_vault_that_is_away_or_speaks_no_tls_has_a_hint(environment: dict[str, str]) -> None:
    store = VaultKv()
    spot = store.spot("secret/app")
    away = {**environment, "VAULT_ADDR": "http://127.0.0.1:9"}
    plain = {**environment, "VAULT_ADDR": environment["VAULT_ADDR"].replace("http:", "https:")}

    with pytest.raises(StoreSilent, match="no answer"):
        store.held(spot, OLD.key_id, reach(away))
    with pytest.raises(StoreSilent, match="TLS") as caught:
        store.held(spot, OLD.key_id, reach(plain))

    assert "VAULT_CACERT" in caught.value.hint


@pytest.mark.parametrize(
    "text", ["", "secret", "/", "secret/", "secret/../sys", "secret//x", "a/\x00"]
)
def test_what_is_no_path_is_refused(text: str) -> None:
    with pytest.raises(WrongUse):
        VaultKv().spot(text)


def test_the_token_of_vault_login_is_used(
    vault: VaultLab, environment: dict[str, str], tmp_path: Path
) -> None:
    del environment["VAULT_TOKEN"]
    (tmp_path / ".vault-token").write_text(f"{TOKEN}\n")

    list(VaultKv().search(NEEDLE, scene({**environment, "HOME": str(tmp_path)})))

    assert {each.headers["x-vault-token"] for each in vault.asked} == {TOKEN}


def test_without_address_or_token_it_is_not_set_up() -> None:
    with pytest.raises(NotSetUp):
        list(VaultKv().search(NEEDLE, scene({"VAULT_ADDR": "https://vault"})))
