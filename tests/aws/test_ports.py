"""The room fills the ports of the model; the type checker reads this file, the test runs it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from unleak.aws.prober import AwsProber
from unleak.aws.reader import AwsReader
from unleak.aws.writer import AwsWriter

if TYPE_CHECKING:
    from unleak.aws.session import AwsSession
    from unleak.model.ports import Clock, Prober, Reader, Writer


def test_reader_writer_prober_and_clock_are_what_the_ports_ask_for(session: AwsSession) -> None:
    reader: Reader = AwsReader(session)
    writer: Writer = AwsWriter(session)
    prober: Prober = AwsProber(session)
    clock: Clock = reader.clock

    assert clock is session.clock
    assert prober.services
    assert not set(dir(reader)) & {name for name in dir(writer) if not name.startswith("_")}
