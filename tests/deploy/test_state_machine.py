"""The state machine of the fan-out: every state leads somewhere, and none lets a failure vanish."""

from __future__ import annotations

import json
import re
import string
from pathlib import Path
from typing import TypeAlias

FAN_OUT = Path(__file__).resolve().parents[2] / "deploy" / "fan-out"
States: TypeAlias = dict[str, dict[str, object]]


def machine() -> dict[str, object]:
    text = (FAN_OUT / "state-machine.asl.json").read_text(encoding="utf-8")
    parsed: dict[str, object] = json.loads(text)
    return parsed


def states_of(block: dict[str, object]) -> States:
    states = block["States"]
    assert isinstance(states, dict)
    return states


def inner() -> dict[str, object]:
    processor = states_of(machine())["EachLeak"]["ItemProcessor"]
    assert isinstance(processor, dict)
    return processor


def next_of(state: dict[str, object]) -> set[str]:
    branches = [state, *_list(state.get("Catch")), *_list(state.get("Choices"))]
    named = {str(each["Next"]) for each in branches if "Next" in each}
    return named | ({str(state["Default"])} if "Default" in state else set())


def _list(value: object) -> list[dict[str, object]]:
    return value if isinstance(value, list) else []


def reached(block: dict[str, object]) -> set[str]:
    states, found, waiting = states_of(block), set[str](), [str(block["StartAt"])]
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += next_of(states[name])
    return found


def test_every_state_is_reached_and_every_next_exists() -> None:
    for block in (machine(), inner()):
        assert reached(block) == set(states_of(block))


def test_every_state_goes_on_or_ends() -> None:
    for block in (machine(), inner()):
        for name, state in states_of(block).items():
            ends = state.get("End") is True or state["Type"] in {"Succeed", "Fail"}
            assert ends != bool(next_of(state)), name


def test_the_map_is_distributed_and_leaves_the_responder_room_for_events() -> None:
    each = states_of(machine())["EachLeak"]
    template = (FAN_OUT.parent / "sam" / "template.yaml").read_text(encoding="utf-8")
    reserved = re.search(r"ReservedConcurrency:\n +Type: Number\n +Default: (\d+)", template)

    assert inner()["ProcessorConfig"] == {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}
    assert reserved is not None
    assert 0 < int(str(each["MaxConcurrency"])) < int(reserved[1])


def test_the_responder_is_waited_for_longer_than_it_may_run() -> None:
    task = states_of(inner())["Respond"]

    assert int(str(task["TimeoutSeconds"])) > 900


def test_what_fails_is_tried_again_and_then_caught() -> None:
    task = states_of(inner())["Respond"]

    assert [each["ErrorEquals"] for each in _list(task["Retry"])][-1] == ["States.ALL"]
    assert [each["ErrorEquals"] for each in _list(task["Catch"])] == [["States.ALL"]]


def test_the_template_fills_every_gap_in() -> None:
    gaps = set(string.Template(json.dumps(machine())).get_identifiers())
    template = (FAN_OUT / "template.yaml").read_text(encoding="utf-8")
    block = template.split("DefinitionSubstitutions:\n")[1].split("Role:")[0]

    filled = set(re.findall(r"^ +(\w+): !Ref", block, re.MULTILINE))

    assert gaps == filled
