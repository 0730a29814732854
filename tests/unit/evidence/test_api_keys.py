"""API keys of single services, presigned requests, and caches of a person's sign-in."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest

from unleak.errors import UnreadableEvidence
from unleak.evidence.clean import redact
from unleak.evidence.found import require
from unleak.evidence.paste import extract

if TYPE_CHECKING:
    from unleak.model.credential import FoundCredential

ACCOUNT = "029608264753"
SESSION = "ASIAQNZGKIQY56JQ7WML"
USER_KEY = "AKIAY34FZKBOKMUTVV7B"
SECRET = "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"
TOKEN = "IQoJb3JpZ2luX2Vj" + "aB3dE6gH" * 30 + "aBc="
ALIAS = f"BedrockAPIKey-g28r-at-{ACCOUNT}"
INSIDE = "KptDfBnXg8ugVx0Hqm8CDIPsbXU4KTcmHWc2ZFl3ofS6sRQXXzi2"
LONG = "ABSK" + base64.b64encode(f"{ALIAS}:{INSIDE}=".encode()).decode()
REQUEST = (
    "bedrock.amazonaws.com/?Action=CallWithBearerToken&X-Amz-Algorithm=AWS4-HMAC-SHA256"
    f"&X-Amz-Credential={SESSION}%2F20261124%2Fus-west-2%2Fbedrock%2Faws4_request"
    f"&X-Amz-Date=20261124T070000Z&X-Amz-Expires=43200&X-Amz-Security-Token={quote(TOKEN, safe='')}"
    f"&X-Amz-Signature={'8f14e45f' * 8}&X-Amz-SignedHeaders=host&Version=1"
)
SHORT = "bedrock-api-key-" + base64.b64encode(REQUEST.encode()).decode()
LOGIN = {
    "accessToken": {
        "accessKeyId": SESSION,
        "secretAccessKey": SECRET,
        "sessionToken": TOKEN,
        "accountId": ACCOUNT,
        "expiresAt": "2026-11-24T07:15:00Z",
    },
    "tokenType": "aws_sigv4",
    "clientId": "arn:aws:signin:::devtools/same-device",
    "refreshToken": "ASOR" + "Zy9Xw8Vu" * 40,
    "idToken": "eyJ" + "hbGciOiJFUzM4NCJ9" * 20,
    "dpopKey": (
        "-----BEGIN EC PRIVATE KEY-----\nMHcCAQEEIF9aB3dE6gHZy9Xw8VuKptDfBnXg8ugVx0Hq\n"
        "m8CDIPsbXU4K\n-----END EC PRIVATE KEY-----\n"
    ),
}
PORTAL = {
    "startUrl": "https://d-1234567890.awsapps.com/start",
    "region": "eu-west-1",
    "accessToken": "aoaAAAAA" + "Zy9Xw8Vu" * 30,
    "expiresAt": "2026-11-24T15:00:00Z",
    "clientId": "bDk3YWx3cGF3",
    "clientSecret": "eyJraWQi" + "aB3dE6gH" * 60,
    "refreshToken": "aorAAAAA" + "Qw7Er5Ty" * 30,
}


def only(text: str) -> FoundCredential:
    found = extract(text).found
    assert len(found) == 1
    return found[0]


def test_a_long_term_bedrock_key_tells_its_service_name_and_account() -> None:
    found = only(f"AWS_BEARER_TOKEN_BEDROCK={LONG}")

    assert (found.service, found.alias) == ("bedrock.amazonaws.com", ALIAS)
    assert (found.access_key_id, found.account_hint) == (None, ACCOUNT)
    assert found.secret is not None
    assert found.secret.reveal() == LONG
    assert not found.can_sign


def test_a_long_term_bedrock_key_is_read_over_the_end_of_a_line() -> None:
    found = only(f"key: '{LONG[:90]}\n{LONG[90:]}'")

    assert found.alias == ALIAS


def test_the_id_of_a_service_credential_may_be_one_letter_longer() -> None:
    long = "ACCA" + "Q7XR1LMT0VZPA9SKC"

    assert only(f"id: {long}").access_key_id == long
    assert only(long[:20]).access_key_id == long[:20]
    assert extract("AKIA" + long[4:]).found == ()


def test_the_decoded_form_of_a_bedrock_key_is_the_same_key() -> None:
    found = only(f"api_key: {ALIAS}:{INSIDE}=\nand again {LONG}")

    assert found.alias == ALIAS


def test_a_cut_bedrock_key_is_told_and_not_guessed() -> None:
    evidence = extract("ABSK" + "q7Xr1LmT" * 10)

    assert evidence.found == ()
    assert [note for note in evidence.notes if "ABSK" in note]


@pytest.mark.parametrize("word", ["x" + LONG, "ABSK", "ABSKNOT-A-KEY"])
def test_a_word_that_only_looks_like_a_bedrock_key_is_none(word: str) -> None:
    assert [each for each in extract(word).found if each.service] == []


def test_a_short_term_bedrock_key_is_its_signer_s_session() -> None:
    found = only(f"export AWS_BEARER_TOKEN_BEDROCK={SHORT}")

    assert found.access_key_id == SESSION
    assert found.session_token is not None
    assert found.session_token.reveal() == TOKEN
    assert found.region_hint == "us-west-2"
    assert "short-term API key of Bedrock" in found.notes[0]
    assert "2026-11-24T19:00:00Z" in found.notes[0]


def test_a_presigned_url_tells_its_signer_and_its_end() -> None:
    found = only(f"see https://b.s3.amazonaws.com/k?{REQUEST.partition('Token&')[2]} today")

    assert found.access_key_id == SESSION
    assert found.notes[0] == (
        f"{SESSION} has signed a presigned URL: that works with its rights, by itself until "
        "2026-11-24T19:00:00Z, and dies with it"
    )


def test_a_presigned_url_of_the_old_kind_tells_them_too() -> None:
    url = (
        f"https://b.s3.amazonaws.com/k?AWSAccessKeyId={USER_KEY}&Signature=x%3D&Expires=1795503600"
    )

    assert "until 2026-11-24T07:00:00Z" in only(url).notes[0]


def test_of_two_urls_the_later_end_counts() -> None:
    early = REQUEST.replace("43200", "60")

    assert "2026-11-24T19:00:00Z" in only(f"https://{REQUEST}\nhttps://{early}").notes[0]


@pytest.mark.parametrize("date", ["20269999T070000Z", "19990101T000000Z&X-Amz-Expires=1"])
def test_a_date_that_is_none_or_long_ago_stops_nothing(date: str) -> None:
    assert only(f"https://{REQUEST.replace('20261124T070000Z', date)}").access_key_id == SESSION


@pytest.mark.parametrize("indent", [None, 2])
def test_the_cache_of_aws_login_gives_its_session_and_a_word_about_the_rest(
    indent: int | None,
) -> None:
    turned = dict(reversed(LOGIN.items()))

    evidence = extract(json.dumps(turned, indent=indent))

    (found,) = evidence.found
    assert found.secret is not None
    assert found.session_token is not None
    assert (found.access_key_id, found.secret.reveal()) == (SESSION, SECRET)
    assert found.session_token.reveal() == TOKEN
    assert len([note for note in found.notes if "refresh token" in note]) == 1
    assert evidence.notes == ()


def test_the_cache_of_identity_center_holds_no_key_and_says_what_ends_it() -> None:
    evidence = extract(json.dumps(PORTAL, indent=2))

    assert evidence.found == ()
    with pytest.raises(UnreadableEvidence, match="Identity Center") as raised:
        require(evidence)
    assert "Active sessions" in raised.value.hint
    assert "paste the ASIA" not in raised.value.hint


@pytest.mark.parametrize("provider", ["assume-role", "sso"])
def test_the_cache_of_the_command_line_gives_its_session(provider: str) -> None:
    cache = {
        "ProviderType": provider,
        "Credentials": {
            "AccessKeyId": SESSION,
            "SecretAccessKey": SECRET,
            "SessionToken": TOKEN,
            "Expiration": "2026-11-24T08:00:00Z",
            "AccountId": ACCOUNT,
        },
    }

    found = only(json.dumps(cache))

    assert found.can_sign
    assert found.expires_at is not None


@pytest.mark.parametrize("text", [LONG, SHORT, json.dumps(LOGIN), json.dumps(PORTAL)])
def test_nothing_of_it_is_ever_shown(text: str) -> None:
    hidden = [INSIDE, LONG[40:80], SHORT[40:80], TOKEN[30:70], SECRET]
    hidden += [str(PORTAL[name])[30:70] for name in ("accessToken", "clientSecret", "refreshToken")]
    hidden += [str(LOGIN[name])[30:70] for name in ("refreshToken", "idToken")]
    hidden += ["MHcCAQEEIF9aB3dE6gH", "m8CDIPsbXU4K"]

    evidence = extract(text)

    shown = redact(text) + redact("\n".join(evidence.notes)) + repr(evidence)
    assert [each for each in hidden if each in shown] == []
