"""Where each node of the chain is drawn: from left to right, what came later further right.

The places are computed here and not in the browser, so that the same incident gives the same
picture, and 500 nodes cost the reader nothing.  A tree that would be too tall to look at is drawn
as blocks: all that is equally far from the leak stands in the columns of one block.
"""

from __future__ import annotations

from math import ceil, sqrt
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from unleak.report.chain_form import Chain

WIDTH = 290
"""From one step of the chain to the next, in pixels at full size; a node is 200 wide."""
COLUMN = 225
"""From one column of leaves to the next."""
HEIGHT = 84
"""From one row to the next; a node is 60 high."""
_TALL = 8
"""Leaves that may stand in one column."""
_TALLEST = 36
"""Rows that a tree may have."""
_WIDER = 1.9
"""How much wider than tall the blocks are together."""


def places(chain: Chain) -> Mapping[str, tuple[float, float]]:
    """Return the middle of each node."""
    order, children = _forest(chain)
    depths = _depths(order, children)
    rows: dict[str, int] = {}
    for name in reversed(order):
        leaves, inner = _split(children[name], children)
        rows[name] = max(1, _leaf_rows(len(leaves)) + sum(rows[each] for each in inner))
    is_child = {child for each in children.values() for child in each}
    roots = [name for name in order if name not in is_child]
    if sum(rows[name] for name in roots) > _TALLEST:
        return _blocks(order, depths)
    return _tree(order, children, depths, rows)


def _tree(
    order: list[str], children: dict[str, list[str]], depths: dict[str, int], rows: dict[str, int]
) -> Mapping[str, tuple[float, float]]:
    """Return each node in the middle of its children's rows."""
    tops = _root_tops(order, children, rows)
    found: dict[str, tuple[float, float]] = {}
    for name in order:
        top = tops[name]
        found.setdefault(name, (depths[name] * WIDTH, (top + (rows[name] - 1) / 2) * HEIGHT))
        leaves, inner = _split(children[name], children)
        tall = _leaf_rows(len(leaves))
        for number, leaf in enumerate(leaves):
            column, row = divmod(number, tall)
            x = (depths[name] + 1) * WIDTH + column * COLUMN
            found[leaf] = (x, (top + row) * HEIGHT)
        top += tall
        for each in inner:
            tops[each] = top
            top += rows[each]
    return found


def _blocks(order: list[str], depths: dict[str, int]) -> Mapping[str, tuple[float, float]]:
    """Return the nodes in blocks of columns, one block for each step away from the leak."""
    tall = ceil(sqrt(len(order) * COLUMN / HEIGHT / _WIDER))
    found: dict[str, tuple[float, float]] = {}
    left = 0.0
    for depth in range(max(depths.values()) + 1):
        names = [name for name in order if depths[name] == depth]
        columns = ceil(len(names) / tall)
        high = ceil(len(names) / columns)
        for number, name in enumerate(names):
            column, row = divmod(number, high)
            found[name] = (left + column * COLUMN, (row - (high - 1) / 2) * HEIGHT)
        left += (columns - 1) * COLUMN + WIDTH
    return found


def _forest(chain: Chain) -> tuple[list[str], dict[str, list[str]]]:
    """Return the nodes, parents first, and the children of each; a node has one parent."""
    targets: dict[str, list[str]] = {node.id: [] for node in chain.nodes}
    has_source = set()
    for link in chain.links:
        targets[link.source].append(link.target)
        has_source.add(link.target)
    # what only hangs on itself in a circle has no root, and begins where it stands
    starts = [node.id for node in chain.nodes if node.id not in has_source]
    starts += [node.id for node in chain.nodes if node.id in has_source]
    order: list[str] = []
    children: dict[str, list[str]] = {node.id: [] for node in chain.nodes}
    seen: set[str] = set()
    for start in starts:
        if start in seen:
            continue
        seen.add(start)
        queue = [start]
        for name in queue:
            order.append(name)
            for target in targets[name]:
                if target not in seen:
                    seen.add(target)
                    children[name].append(target)
                    queue.append(target)
    return order, children


def _depths(order: list[str], children: dict[str, list[str]]) -> dict[str, int]:
    depths: dict[str, int] = {}
    for name in order:
        depth = depths.setdefault(name, 0)
        for child in children[name]:
            depths[child] = depth + 1
    return depths


def _root_tops(
    order: list[str], children: dict[str, list[str]], rows: dict[str, int]
) -> dict[str, int]:
    """Return the first row of each tree, one under the other."""
    is_child = {child for each in children.values() for child in each}
    tops = dict.fromkeys(order, 0)
    top = 0
    for name in order:
        if name not in is_child:
            tops[name] = top
            top += rows[name]
    return tops


def _split(names: list[str], children: dict[str, list[str]]) -> tuple[list[str], list[str]]:
    leaves = [each for each in names if not children[each]]
    return leaves, [each for each in names if children[each]]


def _leaf_rows(count: int) -> int:
    """Return in how many rows so many leaves stand."""
    if count <= _TALL:
        return count
    return max(_TALL, ceil(sqrt(count) * 1.4))
