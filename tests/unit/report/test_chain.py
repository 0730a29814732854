from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from fakes import examples
from fakes.thief_trace import SEED, key_id, session, thief_trace
from unleak.model.door import DoorState
from unleak.model.outcome import Status
from unleak.model.plan import StepState
from unleak.report.chain import chain_of
from unleak.report.chain_form import Chain, ChainState, Link, Node, NodeKind
from unleak.report.chain_layout import places


def node(chain: Chain, name: str) -> Node:
    (found,) = [each for each in chain.nodes if each.id == name]
    return found


def sources(chain: Chain, name: str) -> list[tuple[str, str]]:
    return [(each.source, each.via) for each in chain.links if each.target == name]


def test_a_leak_that_led_to_nothing_stands_alone() -> None:
    chain = chain_of(examples.contained_incident())

    assert [each.id for each in chain.nodes] == ["ASIA2E0A8F3B244C9986"]
    assert chain.links == ()
    assert chain.nodes[0].state is ChainState.CONTAINED


def test_suspects_hang_on_the_leak_and_a_key_on_its_user() -> None:
    chain = chain_of(examples.doors_incident())

    assert sources(chain, "user/aws-support") == [(SEED, "made by it")]
    assert sources(chain, "AKIA2E0A8F3B244C9982") == [("user/aws-support", "suspected")]
    assert sources(chain, "role/admin") == [(SEED, "suspected")]
    assert node(chain, "AKIA2E0A8F3B244C9982").state is ChainState.CONTAINED
    assert node(chain, "role/admin").state is ChainState.OPEN


def test_only_what_the_trail_names_counts_as_proven() -> None:
    chain = chain_of(examples.doors_incident())

    assert not node(chain, "user/aws-support").is_inferred
    assert node(chain, "role/admin").is_inferred


def test_a_trace_gives_each_credential_its_maker() -> None:
    chain = chain_of(examples.doors_incident(), thief_trace(sessions=12))

    assert sources(chain, key_id(0)) == [(SEED, "AssumeRole")]
    assert sources(chain, key_id(9)) == [(key_id(2), "AssumeRole")]
    assert node(chain, key_id(6)).is_inferred


def test_what_trace_and_journal_both_name_is_one_node_with_the_state_of_the_journal() -> None:
    chain = chain_of(examples.doors_incident(), thief_trace())

    found = node(chain, "user/aws-support")

    assert found.state is ChainState.OPEN
    assert sources(chain, "user/aws-support") == [(key_id(0), "CreateUser")]


def test_the_credentials_that_a_suspect_was_seen_through_take_its_state() -> None:
    door = replace(
        examples.doors()[3], key_ids=(key_id(1), key_id(2)), via="AssumeRole", depth=1, weight=3
    )
    plan = replace(examples.doors_plan(), doors=(replace(door, state=DoorState.CONTAINED),))
    found = examples.incident(plan, status=Status.CONTAINED, verification=None)

    chain = chain_of(found)

    assert [each.id for each in chain.nodes] == [SEED, key_id(1), key_id(2)]
    assert {node(chain, key_id(each)).state for each in (1, 2)} == {ChainState.CONTAINED}
    assert node(chain, key_id(1)).owner == "role/admin"


def test_a_session_that_had_expired_is_gone_and_a_living_one_unknown() -> None:
    over = replace(session(0), expires_at=examples.CUTOFF - timedelta(hours=1))
    trace = replace(thief_trace(), credentials=(over, session(1)))

    chain = chain_of(examples.doors_incident(), trace)

    assert node(chain, key_id(0)).state is ChainState.GONE
    assert node(chain, key_id(1)).state is ChainState.UNKNOWN


def test_a_maker_of_whom_nothing_else_is_known_gets_a_node() -> None:
    trace = replace(thief_trace(), credentials=(replace(session(0), minted_by=key_id(77)),))

    chain = chain_of(examples.doors_incident(), trace)

    assert node(chain, key_id(77)).state is ChainState.UNKNOWN
    assert sources(chain, key_id(0)) == [(key_id(77), "AssumeRole")]


def test_with_two_leaks_and_no_maker_it_is_said_that_nobody_knows_which() -> None:
    plan = replace(
        examples.doors_plan(), credentials=(examples.user_key(), examples.role_session())
    )
    found = examples.incident(plan, status=Status.UNPROVEN, verification=None)

    chain = chain_of(found)

    (unknown,) = [each for each in chain.nodes if each.kind is NodeKind.UNKNOWN]
    assert len(sources(chain, unknown.id)) == 2
    assert sources(chain, "role/admin") == [(unknown.id, "suspected")]


def test_a_leak_whose_changes_were_put_back_is_open_whatever_the_status() -> None:
    found = examples.contained_incident()
    steps = tuple(replace(step, state=StepState.UNDONE) for step in found.plan.steps)

    chain = chain_of(replace(found, plan=found.plan.with_steps(steps)))

    assert chain.nodes[0].state is ChainState.OPEN


def drawn(*links: tuple[str, str]) -> Chain:
    names = dict.fromkeys(name for link in links for name in link)
    return Chain(
        nodes=tuple(
            Node(
                id=name,
                kind=NodeKind.CREDENTIAL,
                title=name,
                owner=None,
                state=ChainState.OPEN,
                facts=(),
            )
            for name in names
        ),
        links=tuple(Link(source=source, target=target, via="x") for source, target in links),
    )


def test_what_came_later_stands_further_right() -> None:
    where = places(drawn(("a", "b"), ("b", "c"), ("a", "d")))

    assert where["a"][0] < where["b"][0] < where["c"][0]
    assert where["b"][0] == where["d"][0]


def test_a_circle_is_drawn_too() -> None:
    where = places(drawn(("a", "b"), ("b", "a")))

    assert set(where) == {"a", "b"}
    assert len(set(where.values())) == 2


def test_a_chain_of_five_hundred_links_is_no_deeper_than_the_machine_can_count() -> None:
    where = places(drawn(*((str(each), str(each + 1)) for each in range(2000))))

    assert len(set(where.values())) == 2001


def test_five_hundred_nodes_fill_a_picture_and_not_a_line() -> None:
    where = places(chain_of(examples.doors_incident(), thief_trace(sessions=500)))

    wide = max(x for x, _ in where.values()) - min(x for x, _ in where.values())
    high = max(y for _, y in where.values()) - min(y for _, y in where.values())

    assert len(set(where.values())) == len(where)
    assert 0.5 < wide / high < 5


def test_nothing_at_all_has_no_places() -> None:
    assert places(Chain(nodes=(), links=())) == {}
