"""What queues, topics and failed invocations wrap around an event, taken off.

Sources: https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html
https://docs.aws.amazon.com/lambda/latest/dg/with-sns.html
https://docs.aws.amazon.com/sns/latest/dg/sns-message-and-json-formats.html
https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from unleak.errors import UnreadableEvent
from unleak.evidence.alerts.fields import MOST, Fields, fields_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_DEEPEST: Final = 5
"""A dead letter of a queue that a topic feeds is wrapped three times."""


def unwrapped(event: object, *, parse: Callable[[str], object], depth: int = 0) -> Iterator[object]:
    """Yield the events inside of all wrappings; an event without any is itself.

    What is inside and no JSON is yielded as it is, so that it counts as unreadable and not as
    absent.

    Args:
        event: parsed JSON.
        parse: text to parsed JSON.
        depth: how many wrappings are off already.

    Raises:
        UnreadableEvent: there are too many events in it, or too many wrappings around it.
    """
    if depth > _DEEPEST:
        message = f"the event is wrapped more than {_DEEPEST} times"
        raise UnreadableEvent(message, hint="send the event itself")
    inside = _inside(event)
    if inside is None:
        yield event
        return
    if len(inside) > MOST:
        message = f"one invocation brings more than {MOST} events"
        raise UnreadableEvent(message, hint="make the batches smaller")
    for each in inside:
        yield from unwrapped(_json(each, parse), parse=parse, depth=depth + 1)


def _inside(event: object) -> list[object] | None:
    """Return what one wrapping holds; None where there is none."""
    if isinstance(event, list):
        return list(event)
    fields = fields_of(event)
    records = fields.get("Records")
    if isinstance(records, list) and records:
        return [_record(fields_of(each)) for each in records]
    if fields.text("Type") == "Notification" and "TopicArn" in fields:
        return [fields.get("Message")]
    if "requestPayload" in fields and "requestContext" in fields:
        return [fields.get("requestPayload")]
    return None


def _record(record: Fields) -> object:
    """Return the message of one record of a queue or topic, or the record itself."""
    if record.text("eventSource") == "aws:sqs":
        return record.get("body")
    if record.text("EventSource") == "aws:sns":
        return record.get("Sns", "Message")
    return record.raw


def _json(value: object, parse: Callable[[str], object]) -> object:
    if not isinstance(value, str):
        return value
    try:
        return parse(value)
    except UnreadableEvent:
        return value
