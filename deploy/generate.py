"""Write what the code knows into the templates: `make deploy-files`.

The roles' policies come from the calls that the program makes, the rules from the events that it
reads.  A test compares, so that no template grants or forwards anything else.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path

from deploy.patterns import PATTERNS
from deploy.policies import PLACEHOLDERS, member_statements, responder_statements

FOLDER = Path(__file__).resolve().parent

_IN_SAM: Mapping[str, str] = {
    "<table>": "${Table.Arn}",
    "<key>": "${Key.Arn}",
    "<queue>": "${LostEvents.Arn}",
    "<partition>": "${AWS::Partition}",
    "<region>": "${AWS::Region}",
    "<account>": "${AWS::AccountId}",
    "<organization>": "${OrganizationId}",
    "<member-role>": "${MemberRoleName}",
    "<topics>": "${TopicNames}",
    "<sender>": "${SenderIdentity}",
}
_IN_TERRAFORM: Mapping[str, str] = {
    name: f"${{{name.strip('<>').replace('-', '_')}}}" for name in PLACEHOLDERS
}


def files() -> dict[Path, str]:
    """Return every file that is written, whole, as it has to be."""
    sam, members = FOLDER / "sam" / "template.yaml", FOLDER / "members" / "template.yaml"
    terraform = FOLDER / "terraform"
    responder, member = _policy(responder_statements()), _policy(member_statements())
    return {
        sam: _with_blocks(sam, {"responder-policy": _for_sam(responder), "rules": _rules(_CALL)}),
        members: _with_blocks(members, {"member-policy": member, "rules": _rules(_PASS_ON)}),
        terraform / "responder-policy.json.tftpl": _for_terraform(responder),
        terraform / "patterns.json": _json(PATTERNS) + "\n",
    }


def _policy(statements: object) -> dict[str, object]:
    return {"Version": "2012-10-17", "Statement": statements}


def _json(value: object) -> str:
    return json.dumps(value, indent=2)


def _for_sam(value: object) -> object:
    """Put CloudFormation's expressions in the places of the names in angle brackets."""
    if isinstance(value, Mapping):
        return {name: _for_sam(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_for_sam(each) for each in value]
    if isinstance(value, str) and any(name in value for name in PLACEHOLDERS):
        return {"Fn::Sub": _replaced(value, _IN_SAM)}
    return value


def _for_terraform(value: object) -> str:
    return _replaced(_json(value), _IN_TERRAFORM) + "\n"


def _replaced(text: str, words: Mapping[str, str]) -> str:
    return re.sub("|".join(map(re.escape, words)), lambda found: words[found[0]], text)


_CALL: dict[str, object] = {
    "Id": "responder",
    "Arn": {"Fn::GetAtt": ["Function", "Arn"]},
    "DeadLetterConfig": {"Arn": {"Fn::GetAtt": ["LostEvents", "Arn"]}},
}
_BUS = "arn:${AWS::Partition}:events:${HomeRegion}:${ResponderAccount}:event-bus/unleak"
_PASS_ON: dict[str, object] = {
    "Id": "responder",
    "Arn": {"Fn::Sub": _BUS},
    "RoleArn": {"Fn::Sub": "arn:${AWS::Partition}:iam::${AWS::AccountId}:role/unleak-sender"},
}


def _rules(target: Mapping[str, object]) -> dict[str, object]:
    """Return one rule for each pattern, as resources of CloudFormation.

    In the home region of the responder's own account they call the function; everywhere else they
    pass on.
    """
    return {
        f"On{name}": {
            "Type": "AWS::Events::Rule",
            **({} if target is _CALL else {"Condition": "IsElsewhere"}),
            "Properties": {
                "Name": f"unleak-{_dashed(name)}",
                "EventPattern": pattern,
                "Targets": [dict(target)],
            },
        }
        for name, pattern in PATTERNS.items()
    }


def _dashed(name: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "-", name).lower()


def _with_blocks(path: Path, blocks: Mapping[str, object]) -> str:
    text = path.read_text(encoding="utf-8")
    for name, value in blocks.items():
        block = re.compile(rf"^( *)# BEGIN {name}\n.*?^ *# END {name}\n", re.DOTALL | re.MULTILINE)
        found = block.search(text)
        if found is None:
            message = f"{path} has no block {name}"
            raise ValueError(message)
        text = text[: found.start()] + _block(found[1], name, value) + text[found.end() :]
    return text


def _block(indent: str, name: str, value: object) -> str:
    """JSON is YAML: the members of a mapping stand one below the other, each value on one line."""
    lines = _yaml(value, 0)
    marked = [f"# BEGIN {name}", *lines, f"# END {name}"]
    return "".join(f"{indent}{line}\n" for line in marked)


def _yaml(value: object, depth: int) -> list[str]:
    space = "  " * depth
    if isinstance(value, Mapping) and value:
        lines = []
        for name, each in value.items():
            if isinstance(each, Mapping | list) and each and not _is_short(each):
                lines += [f"{space}{_key(name)}:", *_yaml(each, depth + 1)]
            else:
                lines.append(f"{space}{_key(name)}: {json.dumps(each)}")
        return lines
    if isinstance(value, list) and value:
        lines = []
        for each in value:
            first, *rest = _yaml(each, depth + 1)
            lines += [f"{space}- {first.lstrip()}", *rest]
        return lines
    return [f"{space}{json.dumps(value)}"]


def _is_short(value: object) -> bool:
    return len(json.dumps(value)) <= 80  # noqa: PLR2004 - a line that is easy to read


def _key(name: object) -> str:
    return name if isinstance(name, str) and re.fullmatch(r"[A-Za-z-]+", name) else json.dumps(name)


def main() -> None:
    """Write the files."""
    for path, text in files().items():
        path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
