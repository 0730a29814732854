"""The screen: results on one stream, talk on the other; rich on a terminal, else plain text."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

from unleak.report.credential_words import identified_page
from unleak.report.error_words import error_page
from unleak.report.find_words import find_page
from unleak.report.page import Page, Paragraph, Tone
from unleak.report.plain import lay_out
from unleak.report.plan_words import plan_page
from unleak.report.result_words import incidents_page, result_page
from unleak.report.rotation_words import (
    rotation_page,
    rotation_plan_page,
    rotation_step_page,
    rotations_page,
)
from unleak.report.undo_words import is_way_back, put_back_page, step_page, way_back_page

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import TextIO

    from unleak.errors import UnleakError
    from unleak.model.credential import Credential
    from unleak.model.holding import AuditResult
    from unleak.model.incident import Incident, IncidentSummary
    from unleak.model.outcome import Status
    from unleak.model.plan import Plan, Step, StepState
    from unleak.model.reference import SearchResult
    from unleak.model.rotation import Rotation, RotationPlan, RotationStep
    from unleak.model.trace import Trace

_PIPE_WIDTH = 80


class Screen:
    """Shows pages to a person.

    Args:
        out: where results go.
        err: where talk goes: questions' plans, progress, errors.
        environ: `NO_COLOR`, `TERM` and `COLUMNS` are looked at; the process's own where None.
        width: columns; None asks `COLUMNS`, then the terminal, then takes 80.
    """

    def __init__(
        self,
        *,
        out: TextIO,
        err: TextIO,
        environ: Mapping[str, str] | None = None,
        width: int | None = None,
    ) -> None:
        self._out = out
        self._err = err
        self._environ = os.environ if environ is None else environ
        self._width = width

    def identified(self, credentials: tuple[Credential, ...]) -> None:
        """Show what leaked and whose it is."""
        self._show(identified_page(credentials), self._out)

    def plan(self, plan: Plan, *, talk: bool = False) -> None:
        """Show the plan, or the way back: as the result, or as talk before the one question."""
        page = way_back_page if is_way_back(plan) else plan_page
        self._show(page(plan, is_question=talk), self._err if talk else self._out)

    def result(self, incident: Incident, status: Status, next_steps: tuple[str, ...] = ()) -> None:
        """Show what came of a response, an undo or a cleanup."""
        is_undoing = is_way_back(incident.plan) or not incident.credentials
        page = put_back_page if is_undoing else result_page
        self._show(page(incident, status, next_steps), self._out)

    def incidents(self, summaries: tuple[IncidentSummary, ...]) -> None:
        """Show the list of incidents."""
        self._show(incidents_page(summaries), self._out)

    def found(self, result: SearchResult) -> None:
        """Show where a key is in use."""
        self._show(find_page(result), self._out)

    def audited(self, result: AuditResult) -> None:
        """Show the long-lived credentials of an account."""
        from unleak.report.audit_words import audit_page  # noqa: PLC0415 - for one command alone

        self._show(audit_page(result), self._out)

    def traced(self, trace: Trace) -> None:
        """Show what a trace has come to."""
        from unleak.report.trace_words import trace_page  # noqa: PLC0415 - not on the panic path

        self._show(trace_page(trace), self._out)

    def rotation_plan(self, plan: RotationPlan, *, talk: bool = False) -> None:
        """Show what a rotation would do: as the result, or as talk before the one question."""
        self._show(rotation_plan_page(plan), self._err if talk else self._out)

    def rotation(self, rotation: Rotation) -> None:
        """Show what a rotation has come to."""
        self._show(rotation_page(rotation), self._out)

    def rotations(self, rotations: tuple[Rotation, ...]) -> None:
        """Show the list of rotations."""
        self._show(rotations_page(rotations), self._out)

    def rotation_step(self, step: RotationStep) -> None:
        """Say what a step of a rotation has come to."""
        self._say(rotation_step_page(step))

    def page(self, page: Page) -> None:
        """Show a page that another room has written."""
        self._show(page, self._out)

    def talk(self, page: Page) -> None:
        """Show such a page as talk before a question."""
        self._show(page, self._err)

    def error(self, error: UnleakError) -> None:
        """Say what happened and what to do next."""
        self._show(error_page(error), self._err)

    def progress(self, text: str) -> None:
        """Say what is going on."""
        self._say((Paragraph(text, Tone.QUIET),))

    def step(self, step: Step, state: StepState) -> None:
        """Say what a step has come to."""
        self._say(step_page(step, state))

    def _say(self, page: Page) -> None:
        """Write talk without rich: while the thief's clock runs, nothing is loaded for colours."""
        width = self._columns() or _PIPE_WIDTH
        self._err.write(_encodable(lay_out(page, width=width), self._err))
        self._err.flush()

    def _show(self, page: Page, stream: TextIO) -> None:
        if self._is_drawn_on(stream):
            from unleak.report.rich_page import draw  # noqa: PLC0415 - loads rich

            draw(page, stream, width=self._columns(), has_colour=not self._environ.get("NO_COLOR"))
        else:
            text = lay_out(page, width=self._columns() or _PIPE_WIDTH)
            stream.write(_encodable(text, stream))
        stream.flush()

    def _is_drawn_on(self, stream: TextIO) -> bool:
        is_unicode = (stream.encoding or "utf-8").lower().startswith("utf")
        return stream.isatty() and is_unicode and self._environ.get("TERM") != "dumb"

    def _columns(self) -> int | None:
        if self._width is not None:
            return self._width
        columns = self._environ.get("COLUMNS", "")
        return int(columns) if re.fullmatch(r"[1-9][0-9]{1,3}", columns) else None


def _encodable(text: str, stream: TextIO) -> str:
    """Escape what the stream's encoding lacks, so that no strange name ends a report."""
    encoding = stream.encoding or "utf-8"
    return text.encode(encoding, errors="backslashreplace").decode(encoding)
