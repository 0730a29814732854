"""A new key in the old one's place: in texts and maps, whole or not at all."""

from __future__ import annotations

import json

import pytest

from unleak.model.secret import Secret
from unleak.stores.interface import CannotSwap, KeyPair
from unleak.stores.swap import fresh_map, pair_in_map, pair_in_text, swap_in_map, swap_in_text

OLD = KeyPair(
    key_id="AKIAY34FZKBOKMUTVV7A", secret=Secret("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")
)
NEW = KeyPair(
    key_id="AKIAY34FZKBOBBBBBB7A", secret=Secret("Zm9vYmFy/2JheitxdXV4MTIzNDU2Nzg5MDEyMzQ1")
)


def pasted(pair: KeyPair, form: str) -> str:
    return form.replace("<id>", pair.key_id).replace("<secret>", pair.secret.reveal())


FORMS = {
    "an env file": "# ours\nDEBUG=1\nAWS_ACCESS_KEY_ID=<id>\nAWS_SECRET_ACCESS_KEY=<secret>\n",
    "exports": "export AWS_ACCESS_KEY_ID='<id>'\nexport AWS_SECRET_ACCESS_KEY='<secret>'\nls\n",
    "a JSON document": '{"accessKeyId": "<id>", "secretAccessKey": "<secret>", "region": "x"}',
    "a profile": "[default]\naws_access_key_id = <id>\naws_secret_access_key = <secret>\n",
    "windows lines": "AWS_ACCESS_KEY_ID=<id>\r\nAWS_SECRET_ACCESS_KEY=<secret>\r\n",
}


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_nothing_but_the_pair_is_changed(form: str) -> None:
    before = pasted(OLD, form)

    after = swap_in_text(before, OLD.key_id, NEW)

    assert after == pasted(NEW, form)
    assert pair_in_text(after, NEW.key_id) == NEW


def test_a_secret_in_json_with_escaped_slashes_is_replaced_in_the_same_spelling() -> None:
    before = json.dumps({"id": OLD.key_id, "secret_access_key": OLD.secret.reveal()})
    before = before.replace("/", "\\/")

    after = swap_in_text(before, OLD.key_id, NEW)

    assert json.loads(after) == {"id": NEW.key_id, "secret_access_key": NEW.secret.reveal()}


def test_an_id_that_stands_without_its_secret_is_left_alone() -> None:
    with pytest.raises(CannotSwap):
        swap_in_text(f"key = {OLD.key_id}\n", OLD.key_id, NEW)


def test_another_key_in_the_same_text_stays_as_it_is() -> None:
    form = "[{0}]\naws_access_key_id = <id>\naws_secret_access_key = <secret>\n"
    other = KeyPair(
        key_id="AKIAY34FZKBOCCCCCC7A", secret=Secret("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")
    )
    before = pasted(OLD, form.format("a")) + pasted(other, form.format("b"))

    after = swap_in_text(before, OLD.key_id, NEW)

    assert after == pasted(NEW, form.format("a")) + pasted(other, form.format("b"))


def test_two_secrets_beside_one_id_are_no_basis_for_a_swap() -> None:
    lines = [
        f"AWS_ACCESS_KEY_ID={OLD.key_id}",
        f"AWS_SECRET_ACCESS_KEY={OLD.secret.reveal()}",
        f"AWS_ACCESS_KEY_ID={OLD.key_id}",
        "AWS_SECRET_ACCESS_KEY=c29tZXRoaW5nL2Vsc2UrYWx0b2dldGhlcjEyMzQ1",
    ]

    with pytest.raises(CannotSwap):
        swap_in_text("\n".join(lines), OLD.key_id, NEW)


def test_an_environment_keeps_its_other_variables_and_their_order() -> None:
    environment = {
        "TABLE": "orders",
        "S3_ACCESS_KEY_ID": OLD.key_id,
        "S3_SECRET_ACCESS_KEY": OLD.secret.reveal(),
        "MODE": "fast",
    }

    after = swap_in_map(environment, OLD.key_id, NEW)

    assert list(after) == list(environment)
    assert after["TABLE"] == "orders"
    assert after["S3_ACCESS_KEY_ID"] == NEW.key_id
    assert after["S3_SECRET_ACCESS_KEY"] == NEW.secret.reveal()


def test_a_pair_inside_one_variable_is_swapped_there() -> None:
    inner = json.dumps({"accessKeyId": OLD.key_id, "secretAccessKey": OLD.secret.reveal()})

    after = swap_in_map({"CONFIG": inner}, OLD.key_id, NEW)

    assert json.loads(after["CONFIG"])["secretAccessKey"] == NEW.secret.reveal()


def test_a_fresh_place_can_be_read_back() -> None:
    assert pair_in_map(fresh_map(NEW), NEW.key_id) == NEW


def test_the_refusal_holds_no_secret() -> None:
    with pytest.raises(CannotSwap) as raised:
        swap_in_map({"A": OLD.key_id}, OLD.key_id, NEW)

    assert NEW.secret.reveal() not in str(raised.value)
