"""What a person pastes, and what must be read out of it."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from unleak.evidence.paste import decode, extract

if TYPE_CHECKING:
    from unleak.evidence.found import Evidence

SESSION = "ASIAY34FZKBOKMUTVV7A"
OTHER = "ASIAQNZGKIQY56JQ7WML"
USER_KEY = "AKIAY34FZKBOKMUTVV7B"
ACCOUNT = "609629065308"
SECRET = "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"
OTHER_SECRET = "Zk3PvN8wQe1Xy6TmRb0Ls7UhCd2Gf9JiAo4MnB5+"
TOKEN = "IQoJb3JpZ2luX2Vj" + "aB3dE6gH" * 30 + "aBc="
OTHER_TOKEN = "FwoGZXIvYXdzEBYa" + "Zy9Xw8Vu" * 30
ARN = f"arn:aws:sts::{ACCOUNT}:assumed-role/Admin/somebody"


def read(text: str) -> list[tuple[str | None, str | None, str | None]]:
    return parts_of(extract(text))


def parts_of(evidence: Evidence) -> list[tuple[str | None, str | None, str | None]]:
    return [
        (
            found.access_key_id,
            found.secret.reveal() if found.secret else None,
            found.session_token.reveal() if found.session_token else None,
        )
        for found in evidence.found
    ]


def test_profiles_keep_their_own_secrets() -> None:
    text = f"""[default]
aws_access_key_id = {SESSION}
aws_secret_access_key = {SECRET}
aws_session_token = {TOKEN}

[backup]
aws_session_token = {OTHER_TOKEN}
aws_secret_access_key = {OTHER_SECRET}
aws_access_key_id = {OTHER}
"""

    assert read(text) == [(SESSION, SECRET, TOKEN), (OTHER, OTHER_SECRET, OTHER_TOKEN)]


def test_a_profile_without_a_secret_takes_none_from_its_neighbour() -> None:
    text = f"""[default]
aws_access_key_id = {USER_KEY}
[backup]
aws_secret_access_key = {OTHER_SECRET}
"""

    evidence = extract(text)

    assert parts_of(evidence) == [(USER_KEY, None, None)]
    assert any("without a key id" in note for note in evidence.notes)


def test_json_objects_keep_their_own_secrets() -> None:
    text = json.dumps(
        [
            {"AccessKeyId": USER_KEY},
            {"SecretAccessKey": OTHER_SECRET, "AccessKeyId": OTHER, "SessionToken": TOKEN},
        ]
    )

    assert read(text) == [(USER_KEY, None, None), (OTHER, OTHER_SECRET, TOKEN)]


def test_an_object_inside_another_keeps_its_own_secret() -> None:
    text = json.dumps({"AccessKeyId": USER_KEY, "old": {"SecretAccessKey": OTHER_SECRET}})

    assert read(text) == [(USER_KEY, None, None)]


def test_the_services_of_a_compose_file_keep_their_own_secrets() -> None:
    text = f"""services:
  a:
    environment:
      AWS_ACCESS_KEY_ID: {USER_KEY}
  b:
    environment:
      AWS_SECRET_ACCESS_KEY: {OTHER_SECRET}
"""

    assert read(text) == [(USER_KEY, None, None)]


def test_labels_that_say_prod_and_dev_are_kept_apart_in_any_order() -> None:
    text = f"""PROD_AWS_ACCESS_KEY_ID={USER_KEY}
DEV_AWS_ACCESS_KEY_ID={OTHER}
PROD_AWS_SECRET_ACCESS_KEY={SECRET}
DEV_AWS_SECRET_ACCESS_KEY={OTHER_SECRET}
DEV_AWS_SESSION_TOKEN={OTHER_TOKEN}
"""

    assert read(text) == [(USER_KEY, SECRET, None), (OTHER, OTHER_SECRET, OTHER_TOKEN)]


@pytest.mark.parametrize(
    "text",
    [
        f"{USER_KEY}\n{OTHER}\n{SECRET}\n{OTHER_SECRET}\n",
        f"access_key={USER_KEY} secret_key={SECRET} access_key={OTHER}",
        f"AWS_ACCESS_KEY_ID={USER_KEY}\nAWS_SECRET_ACCESS_KEY={SECRET}\nAWS_ACCESS_KEY_ID={OTHER}",
    ],
    ids=["columns", "one between two on a line", "one between two"],
)
def test_a_secret_that_two_ids_could_claim_goes_to_neither(text: str) -> None:
    evidence = extract(text)

    assert [(found.access_key_id, found.secret) for found in evidence.found] == [
        (USER_KEY, None),
        (OTHER, None),
    ]
    assert any("more than one key" in note for note in evidence.notes)


def test_two_secrets_for_one_id_are_none() -> None:
    text = f"id={USER_KEY} secret={SECRET}\n\n\n\nid={USER_KEY} secret={OTHER_SECRET}\n"

    evidence = extract(text)

    assert parts_of(evidence) == [(USER_KEY, None, None)]
    assert any("2 different secrets" in note for note in evidence.found[0].notes)


def test_a_download_of_the_console_pairs_its_columns() -> None:
    text = f"User name,Access key ID,Secret access key\nann,{USER_KEY},{SECRET}\n"

    assert read(text) == [(USER_KEY, SECRET, None)]


@pytest.mark.parametrize(
    "text",
    [
        f"key={SESSION}\nsecret={SECRET}\n\ntoken={OTHER_TOKEN}\nsecret={OTHER_SECRET}\nkey={OTHER}",
        f"key={SESSION}\nsecret={SECRET}\n\ntoken={OTHER_TOKEN}\n#\nsecret={OTHER_SECRET}\nkey={OTHER}",
        f"{SESSION}\n{SECRET}\ntoken={OTHER_TOKEN}\nsecret={OTHER_SECRET}\nkey={OTHER}",
    ],
    ids=["distance", "a blank line", "another way of writing"],
)
def test_what_divides_two_credentials_decides_whose_the_token_is(text: str) -> None:
    assert read(text) == [(SESSION, SECRET, None), (OTHER, OTHER_SECRET, OTHER_TOKEN)]


def test_the_address_divides_two_urls() -> None:
    text = (
        f"https://a.example/?X-Amz-Credential={SESSION} "
        f"https://b.example/?X-Amz-Security-Token={OTHER_TOKEN}&X-Amz-Credential={OTHER}"
    )

    assert read(text) == [(SESSION, None, None), (OTHER, None, OTHER_TOKEN)]


def test_a_label_that_names_aws_weighs_more_than_one_that_does_not() -> None:
    text = f"SECRET={OTHER_SECRET}\nAWS_ACCESS_KEY_ID={USER_KEY}\nAWS_SECRET_ACCESS_KEY={SECRET}\n"

    assert read(text) == [(USER_KEY, SECRET, None)]


def test_the_secret_of_another_house_is_not_taken_for_want_of_one() -> None:
    assert read(f"AWS_ACCESS_KEY_ID={USER_KEY}\nGITHUB_CLIENT_SECRET={OTHER_SECRET}\n") == [
        (USER_KEY, None, None)
    ]


def test_a_commit_hash_is_no_secret() -> None:
    text = f"{USER_KEY} was pushed in\n5d41402abc4b2a76b9719d911017c592aaaaaaaa\n"

    assert read(text) == [(USER_KEY, None, None)]


def test_a_labelled_secret_may_be_hexadecimal() -> None:
    secret = "5d41402abc4b2a76b9719d911017c592aaaabbbb"

    assert read(f"export AWS_ACCESS_KEY_ID={USER_KEY} AWS_SECRET_ACCESS_KEY={secret}") == [
        (USER_KEY, secret, None)
    ]


def test_the_secret_of_another_house_is_left_out() -> None:
    text = (
        f"GITHUB_CLIENT_SECRET={OTHER_SECRET}\nAWS_ACCESS_KEY_ID={USER_KEY}\n"
        f"AWS_SECRET_ACCESS_KEY={SECRET}\n"
    )

    assert read(text) == [(USER_KEY, SECRET, None)]


def test_code_that_names_a_variable_holds_no_secret() -> None:
    text = f'client(aws_access_key_id="{USER_KEY}", aws_secret_access_key=secret_key)'

    assert read(text) == [(USER_KEY, None, None)]


def test_a_presigned_url_has_id_token_and_region() -> None:
    token = TOKEN[:-2] + "+/"
    quoted = token.replace("+", "%2B").replace("/", "%2F")
    text = (
        "https://bucket.s3.amazonaws.com/key?X-Amz-Algorithm=AWS4-HMAC-SHA256"
        f"&X-Amz-Credential={SESSION}%2F20261124%2Feu-central-1%2Fs3%2Faws4_request"
        f"&X-Amz-Date=20261124T070000Z&X-Amz-Expires=3600&X-Amz-Security-Token={quoted}"
        "&X-Amz-Signature=8f14e45fceea167a5a36dedd4bea2543&X-Amz-SignedHeaders=host"
    )

    evidence = extract(text)

    assert parts_of(evidence) == [(SESSION, None, token)]
    assert evidence.found[0].region_hint == "eu-central-1"


def test_an_old_presigned_url_has_its_id() -> None:
    text = (
        f"https://b.s3.amazonaws.com/k?AWSAccessKeyId={USER_KEY}&Signature=x%3D&Expires=1795503600"
    )

    assert read(text) == [(USER_KEY, None, None)]


def test_an_authorization_header_tells_the_region() -> None:
    text = (
        f"Authorization: AWS4-HMAC-SHA256 Credential={USER_KEY}/20261124/ap-southeast-2/iam/"
        "aws4_request, SignedHeaders=host;x-amz-date, Signature=8f14e45fceea167a5a36dedd4bea2543"
    )

    evidence = extract(text)

    assert parts_of(evidence) == [(USER_KEY, None, None)]
    assert evidence.found[0].region_hint == "ap-southeast-2"


def test_the_answer_of_assume_role_tells_whose_and_until_when() -> None:
    text = json.dumps(
        {
            "Credentials": {
                "AccessKeyId": SESSION,
                "SecretAccessKey": SECRET,
                "SessionToken": TOKEN,
                "Expiration": "2026-11-24T08:00:00+01:00",
            },
            "AssumedRoleUser": {"AssumedRoleId": "AROAY34FZKBOKMUTVV7AX:somebody", "Arn": ARN},
        }
    )

    found = extract(text).found[0]

    assert found.arn == ARN
    assert found.expires_at == datetime(2026, 11, 24, 7, tzinfo=UTC)
    assert found.account_hint == ACCOUNT


def test_the_yaml_of_assume_role_tells_whose() -> None:
    text = (
        f"AssumedRoleUser:\n  Arn: {ARN}\nCredentials:\n  AccessKeyId: {SESSION}\n"
        f"  Expiration: '2026-11-24T07:00:00+00:00'\n  SecretAccessKey: {SECRET}\n"
        f"  SessionToken: {TOKEN}\n"
    )

    found = extract(text).found[0]

    assert found.arn == ARN
    assert found.expires_at == datetime(2026, 11, 24, 7, tzinfo=UTC)


def test_each_party_of_a_recorded_event_keeps_its_own_arn() -> None:
    theirs = f"arn:aws:sts::{ACCOUNT}:assumed-role/Other/them"
    event = {
        "userIdentity": {"arn": f"arn:aws:iam::{ACCOUNT}:user/ann", "accessKeyId": USER_KEY},
        "responseElements": {
            "credentials": {"accessKeyId": SESSION, "sessionToken": TOKEN},
            "assumedRoleUser": {"assumedRoleId": "AROAY34FZKBOKMUTVV7AX:them", "arn": theirs},
        },
    }

    found = {each.access_key_id: each.arn for each in extract(json.dumps(event)).found}

    assert found == {USER_KEY: f"arn:aws:iam::{ACCOUNT}:user/ann", SESSION: theirs}


def test_an_arn_of_another_account_is_not_taken() -> None:
    text = json.dumps({"AccessKeyId": SESSION, "arn": "arn:aws:iam::111122223333:user/ann"})

    found = extract(text).found[0]

    assert found.arn is None
    assert any("another account" in note for note in found.notes)


def test_an_arn_beside_two_credentials_belongs_to_neither() -> None:
    text = json.dumps({"a": {"AccessKeyId": SESSION}, "b": {"AccessKeyId": OTHER}, "arn": ARN})

    assert [found.arn for found in extract(text).found] == [None, None]


def test_an_arn_in_the_open_is_not_taken() -> None:
    text = f"export AWS_ACCESS_KEY_ID={SESSION}\nUser: {ARN} is not authorized to perform: x\n"

    assert extract(text).found[0].arn is None


def test_two_arns_are_none() -> None:
    text = json.dumps({"AccessKeyId": SESSION, "a": ARN, "b": ARN + "2"})

    assert extract(text).found[0].arn is None


def test_a_text_with_nothing_but_one_identity_names_it() -> None:
    evidence = extract(f"An error occurred: User: {ARN} is not authorized.")

    assert evidence.found == ()
    assert evidence.named is not None
    assert evidence.named.principal.label == "role/Admin"
    assert evidence.named.session_name == "somebody"


def test_a_text_with_two_identities_names_none() -> None:
    assert extract(f"{ARN} assumed arn:aws:iam::{ACCOUNT}:role/Other").named is None


def test_a_token_that_the_terminal_wrapped_is_whole_again() -> None:
    line = f"export AWS_SESSION_TOKEN={TOKEN}"
    wrapped = "\n".join(line[i : i + 100] for i in range(0, len(line), 100))
    text = (
        f"export AWS_ACCESS_KEY_ID={SESSION}\nexport AWS_SECRET_ACCESS_KEY={SECRET}\n{wrapped}\n$ "
    )

    assert read(text) == [(SESSION, SECRET, TOKEN)]


@pytest.mark.parametrize(
    "command", ["exit", "ls", "aws s3 ls", "env", "clear", "history", "Pa55w0rd1"]
)
@pytest.mark.parametrize("token", [TOKEN, OTHER_TOKEN])
def test_a_command_after_a_token_is_no_part_of_it(token: str, command: str) -> None:
    text = (
        f"export AWS_ACCESS_KEY_ID={SESSION}\nexport AWS_SECRET_ACCESS_KEY={SECRET}\n"
        f"export AWS_SESSION_TOKEN={token}\n{command}\n"
    )

    assert read(text) == [(SESSION, SECRET, token)]


def test_nothing_follows_the_padding_of_a_token() -> None:
    text = f"{SESSION}\n{SECRET}\nexport AWS_SESSION_TOKEN={TOKEN}\n{'kX9' * 9}\n"

    assert read(text) == [(SESSION, SECRET, TOKEN)]


def test_bare_lines_pair_in_any_order() -> None:
    assert read(f"{TOKEN}\n{SECRET}\n{SESSION}\n") == [(SESSION, SECRET, TOKEN)]


def test_a_short_secret_of_an_emulator_is_taken_and_told() -> None:
    evidence = extract(f"AWS_ACCESS_KEY_ID={USER_KEY}\nAWS_SECRET_ACCESS_KEY=rootsecret\n")

    assert parts_of(evidence) == [(USER_KEY, "rootsecret", None)]
    assert any("10 characters" in note for note in evidence.found[0].notes)


def test_a_cut_token_is_told() -> None:
    text = (
        f"AWS_ACCESS_KEY_ID={SESSION}\nAWS_SECRET_ACCESS_KEY={SECRET}\n"
        f"AWS_SESSION_TOKEN={TOKEN[:-3]}"
    )

    assert any("token of" in note and "is cut" in note for note in extract(text).found[0].notes)


def test_a_session_without_its_token_is_told() -> None:
    text = f"AWS_ACCESS_KEY_ID={SESSION}\nAWS_SECRET_ACCESS_KEY={SECRET}\n"

    assert any("no session token" in note for note in extract(text).found[0].notes)


def test_an_id_that_is_not_base32_is_real_and_tells_no_account() -> None:
    found = extract("AKIAB880285270FA49F6").found[0]

    assert found.account_hint is None
    assert any("own alphabet" in note for note in found.notes)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("AKIAY34FZKBOKMUTVV7", "19 characters"),
        ("AKIAY34FZKBOKMUTVV7AB", "21 characters"),
        ("akiay34fzkbokmutvv7a", "only in capitals"),
        ("AKlAY34FZKBOKMUTVV7A", "if AKIAY34FZKBOKMUTVV7A is meant"),
        ("AK1AY34FZKBOKMUTVV7A", "if AKIAY34FZKBOKMUTVV7A is meant"),
        (f"aws_secret_access_key={SECRET}", "without a key id"),
        (f"aws_session_token={TOKEN}", "session token without its key id"),
        (SECRET, "looks like a secret access key"),
        ("access_key ****************VV7A shared-credentials-file", "masked"),
        ("AROAY34FZKBOKMUTVV7AX", "unique id of a role"),
        ("QUtJQVkzNEZaS0JPS01VVFZWN0I=", "base64"),
    ],
)
def test_what_is_nearly_a_credential_is_explained(text: str, words: str) -> None:
    evidence = extract(text)

    assert evidence.found == ()
    assert words in " ".join(evidence.notes)


@pytest.mark.parametrize(
    "text",
    ["the asian market", "basically", "akin to", "ASIANINFLUENCEONCOFFEE", "AKIAK1", "a" * 50],
)
def test_ordinary_words_raise_no_doubt(text: str) -> None:
    assert extract(text).near_misses == ()


@pytest.mark.parametrize(
    "key_id", ["AKIAIOSFODNN7EXAMPLE", "AKIAI44QH8DHBEXAMPLE", "AKIAXXXXXXXXXXXXXXXX"]
)
def test_a_placeholder_is_told_and_not_found(key_id: str) -> None:
    evidence = extract(f"aws_access_key_id = {key_id}\n")

    assert evidence.found == ()
    assert evidence.placeholders == (key_id,)


def test_the_secret_beside_a_placeholder_goes_to_nobody_else() -> None:
    text = f"id=AKIAIOSFODNN7EXAMPLE secret={SECRET}\nid={USER_KEY} secret={OTHER_SECRET}\n"

    assert read(text) == [(USER_KEY, OTHER_SECRET, None)]


def test_the_secret_of_the_documentation_is_not_taken() -> None:
    text = (
        f"AWS_ACCESS_KEY_ID={USER_KEY}\n"
        "AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY\n"
    )

    evidence = extract(text)

    assert parts_of(evidence) == [(USER_KEY, None, None)]
    assert len(evidence.placeholders) == 1


ONE_KEY = {
    "configure": f"AWS Access Key ID [None]: {USER_KEY}\nAWS Secret Access Key [None]: {SECRET}\n",
    "chat": f"can someone check, key is {USER_KEY} and the secret is {SECRET} thx",
    "markdown": f"| Access key ID | Secret access key |\n|---|---|\n| {USER_KEY} | {SECRET} |",
    "console": f"Access key\n{USER_KEY}\nSecret access key\n{SECRET}\n",
    "php": f"'credentials' => ['key' => '{USER_KEY}', 'secret' => '{SECRET}']",
    "address": f"s3://{USER_KEY}:{SECRET}@bucket/x",
    "spring": f"cloud.aws.accessKey={USER_KEY}\ncloud.aws.secretKey={SECRET}",
    "java options": f"-Daws.accessKeyId={USER_KEY} -Daws.secretKey={SECRET}",
    "hadoop": (
        f"<property><name>fs.s3a.access.key</name><value>{USER_KEY}</value></property>\n"
        f"<property><name>fs.s3a.secret.key</name><value>{SECRET}</value></property>"
    ),
    "spark": f"spark.hadoop.fs.s3a.access.key {USER_KEY}\nspark.hadoop.fs.s3a.secret.key {SECRET}",
    "patch": f'-  access_key = "{USER_KEY}"\n-  secret_key = "{SECRET}"\n+  secret_key = var.s\n',
    "mail": f"> export AWS_ACCESS_KEY_ID={USER_KEY}\n> export AWS_SECRET_ACCESS_KEY={SECRET}\n",
    "grep": f"a/.env:AWS_ACCESS_KEY_ID={USER_KEY}\na/.env:AWS_SECRET_ACCESS_KEY={SECRET}",
    "log": (
        f"2026-11-24T07:59:59Z AWS_ACCESS_KEY_ID={USER_KEY}\n"
        f"2026-11-24T08:00:00Z AWS_SECRET_ACCESS_KEY={SECRET}"
    ),
    "environ without its NULs": f"AWS_ACCESS_KEY_ID={USER_KEY}AWS_SECRET_ACCESS_KEY={SECRET}",
    "wrapped": f"AWS_ACCESS_KEY_ID={USER_KEY} AWS_SECRET_ACCESS_KEY={SECRET[:9]}\n{SECRET[9:]}",
    "far apart": f"{USER_KEY} leaked.\n" + "bla bla\n" * 50 + f"The secret access key: {SECRET}",
}


@pytest.mark.parametrize("name", ONE_KEY)
def test_a_key_is_read_in_the_formats_of_the_wild(name: str) -> None:
    assert read(ONE_KEY[name]) == [(USER_KEY, SECRET, None)]


@pytest.mark.parametrize(
    "text",
    [
        f"AWS_ACCESS_KEY_ID=minio\nAWS_SECRET_ACCESS_KEY={OTHER_SECRET}\n\nlater: {USER_KEY}",
        f"AWS_ACCESS_KEY_ID=AKIA****\nAWS_SECRET_ACCESS_KEY={OTHER_SECRET}\n\n\n{USER_KEY}",
        f"AWS_ACCESS_KEY_ID={OTHER[:-1]}\nAWS_SECRET_ACCESS_KEY={OTHER_SECRET}\nkey={USER_KEY}",
        f"a/.env:1:AWS_ACCESS_KEY_ID={USER_KEY}\nb/.env:2:AWS_SECRET_ACCESS_KEY={OTHER_SECRET}",
        f"a: {USER_KEY}\n---\nAWS_SECRET_ACCESS_KEY: {OTHER_SECRET}",
    ],
    ids=["other maker", "masked", "mistyped", "other file", "other document"],
)
def test_the_secret_of_an_id_that_cannot_be_read_goes_to_nobody_else(text: str) -> None:
    assert read(text) == [(USER_KEY, None, None)]


def test_a_cut_secret_is_taken_and_told() -> None:
    evidence = extract(f"AWS_ACCESS_KEY_ID={USER_KEY}\nAWS_SECRET_ACCESS_KEY={SECRET[:25]}...")

    assert any("25 characters" in note for note in evidence.found[0].notes)


def test_an_expiry_in_milliseconds_is_read() -> None:
    text = json.dumps({"accessKeyId": SESSION, "expiration": 1795503600000})

    assert extract(text).found[0].expires_at == datetime(2026, 11, 24, 7, tzinfo=UTC)


def test_the_token_of_another_house_is_not_spoken_of() -> None:
    assert extract(f"csrf_token={TOKEN[20:140]}\nkey={USER_KEY}").notes == ()


def test_an_id_inside_a_longer_word_is_no_id() -> None:
    assert read(f"x{USER_KEY} {USER_KEY}x 9{USER_KEY}") == []


def test_an_id_after_an_encoded_sign_is_an_id() -> None:
    assert read(f"?url=https%3A%2F%2Fx%3FAWSAccessKeyId%3D{USER_KEY}%26a") == [
        (USER_KEY, None, None)
    ]


def test_one_id_named_a_hundred_thousand_times_hides_no_other() -> None:
    noise = f"user={USER_KEY} did something ordinary, nothing to see\n" * 100_000
    text = f"{noise}AWS_ACCESS_KEY_ID={SESSION}\nAWS_SECRET_ACCESS_KEY={SECRET}\n"

    assert read(text) == [(USER_KEY, None, None), (SESSION, SECRET, None)]


def test_the_secret_at_the_last_of_many_mentions_is_found() -> None:
    noise = f"user={USER_KEY} did something ordinary\n" * 1_000

    assert read(f"{noise}\nAWS_ACCESS_KEY_ID={USER_KEY}\nAWS_SECRET_ACCESS_KEY={SECRET}\n") == [
        (USER_KEY, SECRET, None)
    ]


def test_more_credentials_than_are_read_are_told() -> None:
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
    ids = (
        "AKIAQ3Z7" + "".join(alphabet[(n >> s) & 31] for s in (15, 10, 5, 0)) + "7QWERTY2"
        for n in range(25_000)
    )

    evidence = extract("\n".join(ids))

    assert any("divide it" in note for note in evidence.notes)


@pytest.mark.parametrize("text", ["", " \n\t\r\n", "\u200b\ufeff"])
def test_an_empty_text_is_empty(text: str) -> None:
    assert extract(text).is_empty


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ("\ufeffk\u00e9y".encode(), "k\u00e9y"),
        ("k\u00e9y".encode("utf-16"), "k\u00e9y"),
        ("plain key".encode("utf-16-le"), "plain key"),
        ("plain key".encode("utf-16-be"), "plain key"),
        (b"\xff\xfe\x00\x00" + "key".encode("utf-32-le"), "key"),
        (b"caf\xe9 key", "caf\u00e9 key"),
        ("key \u20ac".encode()[:-1], "key "),
        (b"", ""),
    ],
)
def test_bytes_of_any_encoding_become_text(raw: bytes, text: str) -> None:
    assert decode(raw) == text
