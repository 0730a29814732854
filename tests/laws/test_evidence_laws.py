"""Whatever the format, reading a rendered credential gives back that credential and no other."""

from __future__ import annotations

import base64
import json
import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from unleak.evidence.clean import printable, redact
from unleak.evidence.key_id import account_of, is_placeholder
from unleak.evidence.paste import decode, extract
from unleak.evidence.session_token import hints_of
from unleak.evidence.sightings import looks_random

if TYPE_CHECKING:
    from unleak.model.credential import FoundCredential

BASE64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
HEX = "0123456789ABCDEF"
EXPIRES = "2026-11-24T07:00:00Z"
ARN = "arn:aws:sts::609629065308:assumed-role/Admin/somebody"


@dataclass(frozen=True)
class Leak:
    """A made-up credential."""

    key_id: str
    secret: str
    token: str | None

    @property
    def parts(self) -> tuple[str, str, str | None]:
        return self.key_id, self.secret, self.token


def _leak(seed: int, *, is_session: bool) -> Leak:
    chance = random.Random(seed)  # noqa: S311 - made-up keys, the same at each run
    alphabet = chance.choice([BASE32, HEX])
    secret = ""
    while not looks_random(secret):
        secret = "".join(chance.choices(BASE64, k=40))
    key_id = ("ASIA" if is_session else "AKIA") + "".join(chance.choices(alphabet, k=16))
    start = chance.choice(["IQoJb3JpZ2luX2Vj", "FwoGZXIvYXdzEBYa", "FQoGZXIvYXdzEBYa"])
    padding = chance.choice(["", "=", "=="])
    length = chance.randrange(40, 250) * 4 - len(padding)
    token = start + "".join(chance.choices(BASE64, k=length)) + padding
    return Leak(key_id, secret, token if is_session else None)


def _lines(leak: Leak, template: str, names: tuple[str, str, str], end: str = "\n") -> str:
    values = zip(names, leak.parts, strict=True)
    return end.join(template.format(name, value) for name, value in values if value is not None)


ENVIRONMENT = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")
LOWER = ("aws_access_key_id", "aws_secret_access_key", "aws_session_token")
TERRAFORM = ("access_key", "secret_key", "token")
CAMEL = ("accessKeyId", "secretAccessKey", "sessionToken")
STS = ("AccessKeyId", "SecretAccessKey", "SessionToken")
IMDS = ("AccessKeyId", "SecretAccessKey", "Token")


def _object(leak: Leak, names: tuple[str, str, str]) -> dict[str, object]:
    values = zip(names, leak.parts, strict=True)
    return {name: value for name, value in values if value is not None}


def _assume_role(leak: Leak) -> str:
    answer = {
        "Credentials": {**_object(leak, STS), "Expiration": EXPIRES},
        "AssumedRoleUser": {"AssumedRoleId": "AROAY34FZKBOKMUTVV7AX:somebody", "Arn": ARN},
    }
    return json.dumps(answer, indent=4)


def _imds(leak: Leak) -> str:
    answer = {"Code": "Success", "Type": "AWS-HMAC", **_object(leak, IMDS), "Expiration": EXPIRES}
    return json.dumps(answer, indent=2)


def _container(leak: Leak) -> str:
    role = {"RoleArn": "arn:aws:iam::609629065308:role/task"}
    return json.dumps({**role, **_object(leak, IMDS), "Expiration": EXPIRES})


def _ecs_environment(leak: Leak) -> str:
    pairs = [{"name": k, "value": v} for k, v in _object(leak, ENVIRONMENT).items()]
    return json.dumps({"containerDefinitions": [{"environment": pairs}]}, indent=1)


def _xml(leak: Leak) -> str:
    inner = "".join(f"  <{k}>{v}</{k}>\n" for k, v in _object(leak, STS).items())
    who = f"<AssumedRoleUser><Arn>{ARN}</Arn></AssumedRoleUser>"
    root = '<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">'
    return (
        f"{root}<AssumeRoleResult>\n{who}<Credentials>\n{inner}"
        f"  <Expiration>{EXPIRES}</Expiration></Credentials>"
        "</AssumeRoleResult></AssumeRoleResponse>"
    )


def _compose(leak: Leak) -> str:
    lines = _lines(leak, "      {}: {}", ENVIRONMENT)
    return f"services:\n  app:\n    image: app\n    environment:\n{lines}\n"


def _kubernetes(leak: Leak) -> str:
    lines = _lines(leak, '        - name: {}\n          value: "{}"', ENVIRONMENT)
    return f"spec:\n  containers:\n    - name: app\n      env:\n{lines}\n"


def _java(leak: Leak) -> str:
    names = "BasicSessionCredentials" if leak.token else "BasicAWSCredentials"
    return f"new {names}({', '.join(json.dumps(part) for part in leak.parts if part)});"


def _text_output(leak: Leak) -> str:
    parts = [leak.key_id, EXPIRES, leak.secret, leak.token or ""]
    return "CREDENTIALS\t" + "\t".join(parts)


def _wrapped(leak: Leak) -> str:
    """A terminal of eighty columns wrapped the long line, inside its quotes."""
    line = f'export AWS_SESSION_TOKEN="{leak.token}"' if leak.token else ""
    token = "\n".join(line[i : i + 80] for i in range(0, len(line), 80))
    return _lines(Leak(leak.key_id, leak.secret, None), "export {}={}", ENVIRONMENT) + "\n" + token


def _coloured(leak: Leak) -> str:
    return _lines(leak, "\x1b[32m{}\x1b[0m=\x1b[1;33m{}\x1b[0m\x1b[K", ENVIRONMENT)


def _with_hidden_marks(leak: Leak) -> str:
    def mark(value: str) -> str:
        return value[:7] + "\u200b" + value[7:13] + "\u2060" + value[13:]

    hidden = Leak(mark(leak.key_id), mark(leak.secret), mark(leak.token) if leak.token else None)
    return _lines(hidden, "{}={}", ENVIRONMENT)


def _logged(leak: Leak) -> str:
    return f"2026-11-24 07:00:00,123 ERROR [main] handler - body={json.dumps(_assume_role(leak))}"


def _login_cache(leak: Leak) -> str:
    """The cache of `aws login`, the tokens of the sign-in before the session's."""
    other = "Zy9Xw8Vu" * 40
    cache = {
        "refreshToken": f"ASOR{other}",
        "idToken": f"eyJ{other}",
        "dpopKey": f"-----BEGIN EC PRIVATE KEY-----\n{other[:64]}\n-----END EC PRIVATE KEY-----\n",
        "accessToken": {**_object(leak, CAMEL), "expiresAt": EXPIRES},
    }
    return json.dumps(cache, indent=2)


def _cli_cache(leak: Leak) -> str:
    return json.dumps({"ProviderType": "sso", "Credentials": _object(leak, STS)})


FORMATS: dict[str, Callable[[Leak], str]] = {
    "bash export": lambda leak: _lines(leak, "export {}={}", ENVIRONMENT),
    "bash export, quoted": lambda leak: _lines(leak, "export {}='{}'", ENVIRONMENT),
    "bash export, backwards": lambda leak: "\n".join(
        reversed(_lines(leak, "export {}={}", ENVIRONMENT).split("\n"))
    ),
    "inline": lambda leak: _lines(leak, "{}={}", ENVIRONMENT, end=" ") + " aws s3 ls",
    "powershell": lambda leak: _lines(leak, '$env:{} = "{}"', ENVIRONMENT),
    "cmd": lambda leak: _lines(leak, "set {}={}", ENVIRONMENT, end="\r\n"),
    "cmd, quoted": lambda leak: _lines(leak, 'set "{}={}"', ENVIRONMENT, end="\r\n"),
    "setx": lambda leak: _lines(leak, "setx {} {}", ENVIRONMENT, end="\r\n"),
    "fish": lambda leak: _lines(leak, "set -x {} {}", ENVIRONMENT),
    "docker": lambda leak: "docker run " + _lines(leak, "-e {}={}", ENVIRONMENT, end=" ") + " app",
    "compose": _compose,
    "kubernetes": _kubernetes,
    "ecs": _ecs_environment,
    "assume-role": _assume_role,
    "assume-role on one line": lambda leak: json.dumps(json.loads(_assume_role(leak))),
    "slashes escaped": lambda leak: json.dumps(_object(leak, STS)).replace("/", "\\/"),
    "imds": _imds,
    "container": _container,
    "credential_process": lambda leak: json.dumps({"Version": 1, **_object(leak, STS)}),
    "profile": lambda leak: "[default]\nregion = eu-west-1\n" + _lines(leak, "{} = {}", LOWER),
    "configure set": lambda leak: _lines(leak, "aws configure set {} {}", LOWER),
    "terraform": lambda leak: 'provider "aws" {\n' + _lines(leak, '  {} = "{}"', TERRAFORM) + "\n}",
    "python": lambda leak: "boto3.client('s3', " + _lines(leak, '{}="{}"', LOWER, end=", ") + ")",
    "python environment": lambda leak: _lines(leak, 'os.environ["{}"] = "{}"', ENVIRONMENT),
    "node": lambda leak: "new S3({ " + _lines(leak, "{}: '{}'", CAMEL, end=", ") + " })",
    "java": _java,
    "xml": _xml,
    "text output": _text_output,
    "table": lambda leak: _lines(leak, "|  {}  |  {}  |", STS),
    "terminal colours": _coloured,
    "hidden marks": _with_hidden_marks,
    "smart quotes": lambda leak: _lines(leak, "{} = \u201c{}\u201d", STS),
    "backticks": lambda leak: _lines(leak, "- {}: `{}`", STS),
    "wrapped": _wrapped,
    "nul-separated environment": lambda leak: _lines(leak, "{}={}", ENVIRONMENT, end="\0"),
    "json in a log line": _logged,
    "aws login cache": _login_cache,
    "aws cli cache": _cli_cache,
    "three bare lines": lambda leak: "\n".join(part for part in leak.parts if part),
}
FORMAT_NAMES = sorted(FORMATS)
formats = st.sampled_from(FORMAT_NAMES)
leaks = st.builds(
    lambda seed, is_session: _leak(seed, is_session=is_session),
    st.integers(0, 2**48),
    st.booleans(),
).filter(lambda leak: not is_placeholder(leak.key_id))
separators = st.sampled_from(
    ["\n", "\n\n", "\n# ---- other account ----\n", "\n$ env | grep AWS\n"]
)
tough = settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def _read(found: FoundCredential) -> tuple[str | None, str | None, str | None]:
    return (
        found.access_key_id,
        found.secret.reveal() if found.secret else None,
        found.session_token.reveal() if found.session_token else None,
    )


@tough
@given(leaks, formats)
def test_reading_a_rendered_credential_gives_it_back(leak: Leak, name: str) -> None:
    text = FORMATS[name](leak)

    evidence = extract(text)

    assert [_read(found) for found in evidence.found] == [leak.parts]


@tough
@given(leaks, formats, st.sampled_from(["utf-8", "utf-16", "utf-16-le", "utf-16-be", "utf-8-sig"]))
def test_the_encoding_of_a_file_makes_no_difference(leak: Leak, name: str, encoding: str) -> None:
    raw = FORMATS[name](leak).encode(encoding)

    evidence = extract(decode(raw))

    assert [_read(found) for found in evidence.found] == [leak.parts]


@tough
@given(leaks, formats, leaks, formats, separators)
def test_two_credentials_in_two_formats_are_never_mixed(
    one: Leak, first: str, other: Leak, second: str, between: str
) -> None:
    text = FORMATS[first](one) + between + FORMATS[second](other)

    evidence = extract(text)

    secrets = {one.key_id: one.parts, other.key_id: other.parts}
    assert {found.access_key_id for found in evidence.found} == set(secrets)
    for found in evidence.found:
        _, secret, token = _read(found)
        _, own_secret, own_token = secrets[str(found.access_key_id)]
        assert secret in {own_secret, None}
        assert token in {own_token, None}


@tough
@given(leaks, formats, leaks, formats)
def test_two_credentials_with_a_blank_line_between_come_back_whole(
    one: Leak, first: str, other: Leak, second: str
) -> None:
    assume(one.key_id != other.key_id)
    text = FORMATS[first](one) + "\n\n" + FORMATS[second](other)

    evidence = extract(text)

    assert [_read(found) for found in evidence.found] == [one.parts, other.parts]


@tough
@given(leaks, st.lists(formats, min_size=2, max_size=4))
def test_a_credential_that_shows_several_times_is_one(leak: Leak, names: list[str]) -> None:
    text = "\n\n".join(FORMATS[name](leak) for name in names)

    evidence = extract(text)

    assert [_read(found) for found in evidence.found] == [leak.parts]


@tough
@given(leaks, formats, st.text(max_size=60), st.text(max_size=60))
def test_no_secret_is_in_anything_that_can_be_shown(
    leak: Leak, name: str, before: str, after: str
) -> None:
    text = before + "\n" + FORMATS[name](leak) + "\n" + after

    evidence = extract(text)
    shown = [repr(evidence), *evidence.notes, redact(text), printable(redact(text), limit=5_000)]

    for secret in (leak.secret, leak.token):
        assert secret is None or not any(secret in each for each in shown)
    assert not any(leak.secret[:20] in each for each in shown)
    assert leak.token is None or not any(leak.token[20:60] in each for each in shown)
    assert leak.key_id in redact(text) or name == "hidden marks"


@tough
@given(leaks, st.integers(1, 43_200), st.booleans())
def test_a_signed_request_gives_its_signer_and_token_back_plain_or_as_an_api_key(
    leak: Leak,
    seconds: int,
    is_key: bool,  # noqa: FBT001 - drawn, not called
) -> None:
    request = (
        f"bedrock.amazonaws.com/?Action=CallWithBearerToken&X-Amz-Credential={leak.key_id}%2F20261124"
        f"%2Fus-east-1%2Fbedrock%2Faws4_request&X-Amz-Date=20261124T070000Z&X-Amz-Expires={seconds}"
        + ("" if leak.token is None else f"&X-Amz-Security-Token={quote(leak.token, safe='')}")
    )
    word = "bedrock-api-key-" + base64.b64encode(request.encode()).decode()
    text = f"KEY={word}" if is_key else f"https://{request}"

    evidence = extract(text)

    assert [_read(found) for found in evidence.found] == [(leak.key_id, None, leak.token)]
    assert leak.token is None or leak.token[20:60] not in redact(text) + repr(evidence)
    assert not is_key or word[40:80] not in redact(text)


@tough
@given(st.from_regex(r"[A-Za-z][A-Za-z0-9_.@-]{0,30}", fullmatch=True), st.integers(0, 10**12 - 1))
def test_a_long_term_api_key_gives_its_user_and_account_back(user: str, account: int) -> None:
    alias = f"{user}-at-{account:012d}"
    word = "ABSK" + base64.b64encode(f"{alias}:{'aB3dE6gH' * 8}".encode()).decode()

    (found,) = extract(f"AWS_BEARER_TOKEN_BEDROCK={word}").found

    assert (found.alias, found.account_hint) == (alias, f"{account:012d}")
    assert word[20:60] not in redact(word)


FRAGMENTS = """AKIA|ASIA|secret|token=|SecretAccessKey|SessionToken|": "|{|}|</|<a>|[x]|%|password=
IQoJb3JpZ2lu|arn:aws:iam::123456789012:role/|expires=2026-11-24T07:00:00+99:99|AROAY34FZKBOKMUTVV7AX
expiration: 2026-13-45T07:00:00Z|AKIAY34FZKBOKMUTVV7A|ASIAY34FZKBOKMUTVV7A|{"name":"x","value":"
=========|AKIAXXXXXXXXXXXXXXXX|AssumedRoleUser|****************ABCD|QUtJQVkzNEZaS0JPS01VVFZWN0I=
ABSK|bedrock-api-key-|YmVkcm9jay1hcGkta2V5|X-Amz-Credential=|X-Amz-Date=20269999T000000Z|"startUrl":"
"accessToken":"|"dpopKey":"|BedrockAPIKey-a-at-123456789012|&X-Amz-Expires=99999999|%3D"""
fragments = st.sampled_from(
    [
        *FRAGMENTS.replace("\n", "|").split("|"),
        *("\n", "---\n", "a:\n", "  b:\n", "\x1b[", "\x1b]", "\0", "\ud800", "A" * 40, "a1B" * 14),
    ]
)
messy = st.lists(st.one_of(st.text(max_size=30), fragments), max_size=40).map("".join)


@settings(max_examples=1500, deadline=None)
@given(messy)
def test_reading_never_raises(text: str) -> None:
    evidence = extract(text)

    assert len({(found.access_key_id, found.alias) for found in evidence.found}) == len(
        evidence.found
    )
    assert isinstance(redact(text), str)


@settings(max_examples=500)
@given(st.binary(max_size=300))
def test_every_byte_can_be_read(raw: bytes) -> None:
    text = decode(raw)

    assert extract(text).is_empty in {True, False}


@settings(max_examples=500)
@given(st.text(), st.integers(1, 50))
def test_printable_text_cannot_act_on_a_terminal(text: str, limit: int) -> None:
    shown = printable(text, limit=limit)

    assert len(shown) <= limit
    assert shown.isprintable()
    assert not set(shown) & set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200b\x1b")


@given(st.integers(0, 10**12 - 1), st.integers(0, 2**39 - 1))
def test_the_account_that_was_encoded_is_decoded(account: int, rest: int) -> None:
    number = 1 << 79 | account << 39 | rest
    body = "".join(BASE32[number >> shift & 31] for shift in range(75, -1, -5))

    assert account_of("ASIA" + body) == f"{account:012d}"


@given(st.integers(0, 2**79 - 1))
def test_an_id_of_the_old_kind_tells_no_account(number: int) -> None:
    body = "".join(BASE32[number >> shift & 31] for shift in range(75, -1, -5))

    assert account_of("AKIA" + body) is None


@given(st.text(max_size=200))
def test_any_text_has_hints_or_none(text: str) -> None:
    hints = hints_of(text)

    assert hints.account is None or hints.account.isdigit()


HOSTILE = [
    *(
        "secret=",
        "token=",
        "token=AAAAAAAAAAAAAAAA.",
        'token="AAAAAAAAAAAAAAAAAAAAA\n',
        "password=",
    ),
    *("AKIA", "akia1234567890123 ", "AKIAY34FZKBOKMUTVV7A{", "<b>AKIAY34FZKBOKMUTVV7A", "QUtJQ"),
    *("  a:\nAKIAY34FZKBOKMUTVV7A\n", "expires: 2026-01-01T00:00:00Z ", "IQoJb3JpZ2lu", "aB3+"),
    *("ABSK", "ABSK" + "A" * 64, "bedrock-api-key-" + "A" * 40, '"dpopKey":"', '"startUrl":"'),
    *("X-Amz-Credential=AKIAY34FZKBOKMUTVV7A", "AWSAccessKeyId=AKIAY34FZKBOKMUTVV7A&"),
    *("BedrockAPIKey-a", "-----BEGIN A PRIVATE KEY-----"),
    *("A", "{", "}", "\x1b]", "\x1b[", "<a ", "aaaa'\n", "*", "\\", "a\0b", "[a", "%2F", " ", "\n"),
]


def test_hostile_repetitions_take_linear_time() -> None:
    for piece in HOSTILE:
        text = piece * (400_000 // len(piece))
        started = time.process_time()
        extract(text)
        redact(text)

        assert time.process_time() - started < 3, ascii(piece)
