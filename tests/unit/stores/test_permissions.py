"""The policy that `unleak permissions` prints holds what the stores say they call, and no more."""

from __future__ import annotations

from unleak.report import key_permissions
from unleak.report.permissions import policy_for
from unleak.stores.registry import installed
from unleak.stores.reloading import KnowsReaders, Reloader


def actions(command: str) -> set[str]:
    statements = policy_for(command)["Statement"]
    assert isinstance(statements, list)
    return {action for each in statements for action in each["Action"]}


def test_find_may_read_what_the_stores_read() -> None:
    needed = {action for store in installed().stores for action in store.needs}

    assert needed == set(key_permissions.FIND)
    assert needed <= actions("find")


def test_rotate_may_write_where_the_destinations_write() -> None:
    places = installed().destinations
    needed = {action for each in places for action in each.changes}
    needed |= {a for each in places if isinstance(each, KnowsReaders) for a in each.listens}
    needed |= {a for each in places if isinstance(each, Reloader) for a in each.reloads}

    assert needed == set(key_permissions.ROTATE_PLACES)
    assert needed <= actions("rotate")
