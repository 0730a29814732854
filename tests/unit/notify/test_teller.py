"""Every destination is tried, and none of them can stop another or the responder."""

from __future__ import annotations

import threading

from fakes.tellers import TOPIC, KeepingPoster, KnownSecrets
from lab.stores.loopback import Asked, Given, serve
from unleak.errors import MissingPermission, Unreachable
from unleak.model.message import Delivery, Message
from unleak.notify.teller import Tellers

MAIL = "ses:unleak@example.com:oncall@example.com"
CHATS = "secretsmanager:unleak/chats"
MESSAGE = Message(title="CONTAINED: AKIA", lines=("Deactivated.",), incident="2026-k3fz")


def tellers(
    *destinations: str,
    poster: KeepingPoster | None = None,
    secrets: KnownSecrets | None = None,
    limit_seconds: float = 20.0,
) -> Tellers:
    return Tellers(
        destinations,
        poster=poster or KeepingPoster(),
        secrets=secrets or KnownSecrets(),
        limit_seconds=limit_seconds,
    )


def test_topic_and_mail_get_the_same_words() -> None:
    poster = KeepingPoster()

    told = tellers(f"sns:{TOPIC}", MAIL, poster=poster).tell(MESSAGE)

    assert [each.delivery for each in told] == [Delivery.SENT, Delivery.SENT]
    assert [each.destination for each in told] == [f"sns:{TOPIC}", "ses:oncall@example.com"]
    assert {each.text for each in poster.posted} == {
        "\u2022 Deactivated.\nIncident: 2026-k3fz",
    }
    assert {each.subject for each in poster.posted} == {"warning: CONTAINED: AKIA"}


def test_a_destination_that_is_named_twice_is_told_once() -> None:
    poster = KeepingPoster()

    tellers(MAIL, MAIL, poster=poster).tell(MESSAGE)

    assert len(poster.posted) == 1


def test_nobody_to_tell_is_no_trouble() -> None:
    assert tellers().tell(MESSAGE) == ()


def test_a_refusal_is_told_and_not_raised() -> None:
    poster = KeepingPoster(trouble=MissingPermission("not allowed to call Publish", hint="give it"))

    (told,) = tellers(f"sns:{TOPIC}", poster=poster).tell(MESSAGE)

    assert told.delivery is Delivery.REFUSED
    assert told.why == "not allowed to call Publish (give it)"


def test_no_answer_is_something_else_than_a_refusal() -> None:
    (told,) = tellers(MAIL, poster=KeepingPoster(trouble=Unreachable("no answer"))).tell(MESSAGE)

    assert told.delivery is Delivery.SILENT


def test_a_bug_in_a_destination_is_told_by_its_kind_and_not_by_its_words() -> None:
    poster = KeepingPoster(trouble=KeyError("https://hooks.example/sEcReT"))

    (told,) = tellers(MAIL, poster=poster).tell(MESSAGE)

    assert told.delivery is Delivery.REFUSED
    assert told.why == "the attempt broke off with KeyError"


def test_a_destination_that_hangs_does_not_keep_the_others_or_us() -> None:
    release = threading.Event()
    poster = KeepingPoster(hangs_until=release)

    told = tellers(f"sns:{TOPIC}", MAIL, poster=poster, limit_seconds=0.5).tell(MESSAGE)
    release.set()

    assert [each.delivery for each in told] == [Delivery.SILENT, Delivery.SENT]


def test_what_is_no_destination_is_numbered_and_never_repeated() -> None:
    told = tellers("slack://T1/B2/sEcReT", MAIL).tell(MESSAGE)

    assert [each.delivery for each in told] == [Delivery.UNUSABLE, Delivery.SENT]
    assert told[0].destination == "destination 1"
    assert "sEcReT" not in str(told)


def test_a_secret_that_cannot_be_read_stops_nothing_else() -> None:
    told = tellers(CHATS, MAIL).tell(MESSAGE)

    assert [each.delivery for each in told] == [Delivery.UNUSABLE, Delivery.SENT]


def test_a_secret_without_a_url_is_said_to_hold_none() -> None:
    secrets = KnownSecrets(values={CHATS: "# none yet\n\n"})

    (told,) = tellers(CHATS, secrets=secrets).tell(MESSAGE)

    assert told.delivery is Delivery.UNUSABLE
    assert "no URL" in told.why


def test_every_url_of_a_secret_is_tried_and_named_by_its_number() -> None:
    seen: list[Asked] = []

    def answer(asked: Asked) -> Given:
        seen.append(asked)
        return Given(status=500 if asked.path == "/broken" else 200)

    with serve(answer) as url:
        place = url.removeprefix("http://")
        lines = ["# two webhooks", f"json://{place}/broken", "nonsense", f"json://{place}/well"]
        secrets = KnownSecrets(values={CHATS: "\n".join(lines)})
        told = tellers(CHATS, secrets=secrets).tell(MESSAGE)

    assert sorted(asked.path for asked in seen) == ["/broken", "/well"]
    assert [(each.destination, each.delivery) for each in told] == [
        (f"{CHATS}, URL 1 (JSON)", Delivery.REFUSED),
        (f"{CHATS}, URL 2", Delivery.UNUSABLE),
        (f"{CHATS}, URL 3 (JSON)", Delivery.SENT),
    ]
    assert told[0].why == "HTTP 500"
    assert place not in str(told)


def test_a_webhook_that_hangs_does_not_keep_the_next_line_of_the_secret() -> None:
    release = threading.Event()

    def hang(_asked: Asked) -> Given:
        release.wait(30)
        return Given()

    with serve(hang) as slow, serve(lambda _asked: Given()) as quick:
        lines = [slow.replace("http", "json") + "/x?rto=0.5", quick.replace("http", "json") + "/x"]
        secrets = KnownSecrets(values={CHATS: "\n".join(lines)})
        told = tellers(CHATS, secrets=secrets).tell(MESSAGE)
        release.set()

    assert [each.delivery for each in told] == [Delivery.SILENT, Delivery.SENT]
