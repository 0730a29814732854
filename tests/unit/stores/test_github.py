"""GitHub: sealed for the repository alone, proven by dates, and said where nobody can look."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from fakes.stores import NEEDLE, NEW, OLD, parted, reach, scene
from lab.stores.github import GitHubLab
from lab.stores.loopback import Given, ask, serve
from unleak.errors import WrongUse
from unleak.model.secret import Secret
from unleak.stores.failures import StoreRefused, StoreSilent
from unleak.stores.github import GitHub
from unleak.stores.interface import CannotSwap, Held, KeyPair, Moved, NotSetUp, Reach

if TYPE_CHECKING:
    from collections.abc import Iterator

TOKEN = "github_pat_11ABCDEFG0abcdefghijkl"
ACTIONS = "/repos/acme/shop/actions"


@pytest.fixture
def github() -> GitHubLab:
    return GitHubLab(token=TOKEN)


@pytest.fixture
def environment(github: GitHubLab) -> Iterator[dict[str, str]]:
    with serve(github) as url:
        yield {"GITHUB_TOKEN": TOKEN, "GITHUB_API_URL": url}


@pytest.fixture
def there(environment: dict[str, str]) -> Reach:
    return reach(environment)


def test_both_values_arrive_and_only_the_repository_can_open_them(
    github: GitHubLab, there: Reach
) -> None:
    store = GitHub()
    spot = store.spot("acme/shop")
    held = store.held(spot, OLD.key_id, there)

    written = store.write(spot, OLD.key_id, NEW, held, there)

    assert github.opened(ACTIONS, "AWS_ACCESS_KEY_ID") == NEW.key_id
    assert github.opened(ACTIONS, "AWS_SECRET_ACCESS_KEY") == NEW.secret.reveal()
    assert NEW.secret.reveal() not in str([each.body for each in github.asked])
    assert store.held(spot, OLD.key_id, there).version == written.version


def test_a_second_client_sees_new_dates(
    github: GitHubLab, environment: dict[str, str], there: Reach
) -> None:
    store = GitHub()
    github.seal(ACTIONS, "AWS_ACCESS_KEY_ID", OLD.key_id)
    github.seal(ACTIONS, "AWS_SECRET_ACCESS_KEY", OLD.secret.reveal())
    url = f"{environment['GITHUB_API_URL']}{ACTIONS}/secrets/AWS_SECRET_ACCESS_KEY"
    before = ask(url, {"Authorization": f"Bearer {TOKEN}"})
    spot = store.spot("acme/shop")

    written = store.write(spot, OLD.key_id, NEW, store.held(spot, OLD.key_id, there), there)

    after = ask(url, {"Authorization": f"Bearer {TOKEN}"})
    assert before != after
    assert written.way_back is None


def test_the_secret_is_written_before_the_id(github: GitHubLab, there: Reach) -> None:
    store = GitHub()
    spot = store.spot("acme/shop@production:DEPLOY")

    written = store.write(spot, OLD.key_id, NEW, store.held(spot, OLD.key_id, there), there)

    puts = [each.raw_path for each in github.asked if each.method == "PUT"]
    root = "/repos/acme/shop/environments/production/secrets/DEPLOY_AWS_"
    assert puts == [f"{root}SECRET_ACCESS_KEY", f"{root}ACCESS_KEY_ID"]
    assert "running jobs keep the old key" in written.reload


def test_an_id_that_is_kept_as_a_variable_stays_one(github: GitHubLab, there: Reach) -> None:
    store = GitHub()
    github.seal(ACTIONS, "AWS_SECRET_ACCESS_KEY", OLD.secret.reveal())
    github.variables[ACTIONS] = {"AWS_ACCESS_KEY_ID": (OLD.key_id, "2026-01-01T00:00:00Z")}
    spot = store.spot("acme/shop")
    held = store.held(spot, OLD.key_id, there)

    store.write(spot, OLD.key_id, NEW, held, there)

    assert held.key_id == OLD.key_id
    assert store.held(spot, OLD.key_id, there).key_id == NEW.key_id
    assert github.opened(ACTIONS, "AWS_SECRET_ACCESS_KEY") == NEW.secret.reveal()
    assert "AWS_ACCESS_KEY_ID" not in github.secrets[ACTIONS]


def test_a_variable_with_another_key_is_left_alone(github: GitHubLab, there: Reach) -> None:
    store = GitHub()
    github.variables[ACTIONS] = {"AWS_ACCESS_KEY_ID": ("AKIAQNZGKIQYWXYZ2345", "2026-01-01")}
    spot = store.spot("acme/shop")
    held = store.held(spot, OLD.key_id, there)

    with pytest.raises(CannotSwap):
        store.write(spot, OLD.key_id, NEW, held, there)

    assert github.secrets[ACTIONS] == {}


def test_a_secret_that_was_set_meanwhile_is_not_overwritten(
    github: GitHubLab, there: Reach
) -> None:
    store = GitHub()
    spot = store.spot("acme/shop")
    held = store.held(spot, OLD.key_id, there)
    github.seal(ACTIONS, "AWS_SECRET_ACCESS_KEY", "somebody else's")

    with pytest.raises(Moved):
        store.write(spot, OLD.key_id, NEW, held, there)

    assert github.opened(ACTIONS, "AWS_SECRET_ACCESS_KEY") == "somebody else's"


def test_what_was_made_is_taken_away_again(github: GitHubLab, there: Reach) -> None:
    store = GitHub()
    spot = store.spot("acme/shop")
    written = store.write(spot, OLD.key_id, NEW, store.held(spot, OLD.key_id, there), there)

    store.restore(spot, written, there)

    assert github.secrets[ACTIONS] == {}


def test_nothing_can_be_read_back(there: Reach) -> None:
    store = GitHub()
    spot = store.spot("acme/shop")

    held = store.held(spot, OLD.key_id, there)

    assert held == Held(key_id=None, version=None, is_readable=False)
    assert store.pair(spot, NEW.key_id, there) is None


def test_variables_are_compared_and_secrets_are_named(
    github: GitHubLab, environment: dict[str, str]
) -> None:
    github.variables[ACTIONS] = {
        "A": ("x", ""),
        "B": ("y", ""),
        "KEY": (OLD.key_id, ""),
    }
    github.seal(ACTIONS, "PROD_AWS_ACCESS_KEY_ID", "?")
    github.seal(ACTIONS, "NPM_TOKEN", "?")
    github.environments["/repos/acme/shop"] = ["live/eu"]
    github.seal("/repos/acme/shop/environments/live%2Feu", "AWS_SECRET_ACCESS_KEY", "?")

    references, searched, gaps = parted(GitHub().search(NEEDLE, scene(environment, "acme/shop")))

    assert [(each.where, each.field, each.is_only_name) for each in references] == [
        ("github:acme/shop:PROD_", "PROD_AWS_ACCESS_KEY_ID", True),
        ("github:acme/shop", "KEY", False),
        ("github:acme/shop@live/eu", "AWS_SECRET_ACCESS_KEY", True),
    ]
    assert gaps == []
    assert [each.seen for each in searched] == [6]


def test_an_owner_brings_all_repositories(github: GitHubLab, environment: dict[str, str]) -> None:
    github.repositories["/orgs/acme"] = ["shop"]
    github.variables["/orgs/acme/actions"] = {"KEY": (OLD.key_id, "")}
    github.variables[ACTIONS] = {"KEY": (OLD.key_id, "")}

    references, _, _ = parted(GitHub().search(NEEDLE, scene(environment, "acme")))

    assert {each.location for each in references} >= {"acme", "acme/shop"}


def test_a_list_that_the_token_may_not_see_is_a_gap(
    github: GitHubLab, environment: dict[str, str]
) -> None:
    github.forbidden.add(f"{ACTIONS}/variables")

    _, searched, gaps = parted(GitHub().search(NEEDLE, scene(environment, "acme/shop")))

    assert [each.where for each in gaps] == ["github actions-variables of acme/shop"]
    assert len(searched) == 1


def test_a_token_that_is_not_accepted_is_an_error_without_the_token(
    environment: dict[str, str],
) -> None:
    environment["GITHUB_TOKEN"] = "ghp_wrongwrongwrongwrongwrong"

    with pytest.raises(StoreRefused) as caught:
        list(GitHub().search(NEEDLE, scene(environment, "acme/shop")))

    assert caught.value.status == 401
    assert "ghp_wrong" not in caught.value.message + caught.value.hint


def test_hostile_words_are_cleaned(github: GitHubLab, there: Reach) -> None:
    words = f"\x1b[2Jno {TOKEN} {NEW.secret.reveal()}\nAPPROVED"
    github.scripted.append(Given(status=422, body={"message": words}))
    store = GitHub()

    with pytest.raises(StoreRefused) as caught:
        store.held(store.spot("acme/shop"), OLD.key_id, there)

    assert "\x1b" not in caught.value.message
    assert TOKEN not in caught.value.message
    assert NEW.secret.reveal() not in caught.value.message


def test_a_throttled_call_waits_as_long_as_it_is_told(github: GitHubLab, there: Reach) -> None:
    waits: list[float] = []
    github.scripted.append(Given(status=429, headers={"Retry-After": "7"}))
    github.scripted.append(Given(status=403, headers={"Retry-After": "3"}))
    store = GitHub(wait=waits.append)

    store.held(store.spot("acme/shop"), OLD.key_id, there)

    assert waits == [7.0, 3.0]


def test_whoever_asks_for_an_hour_is_not_waited_for(github: GitHubLab, there: Reach) -> None:
    waits: list[float] = []
    github.scripted.append(Given(status=429, headers={"Retry-After": "3600"}))
    store = GitHub(wait=waits.append)

    with pytest.raises(StoreRefused) as caught:
        store.held(store.spot("acme/shop"), OLD.key_id, there)

    assert (caught.value.status, waits) == (429, [])


def test_the_token_does_not_follow_a_redirect_to_another_host(
    github: GitHubLab, there: Reach
) -> None:
    stranger = GitHubLab(token="?")
    with serve(stranger) as url:
        github.scripted.append(Given(status=302, headers={"Location": f"{url}/x"}))
        store = GitHub()

        with pytest.raises(StoreRefused, match="the token was not sent there"):
            store.held(store.spot("acme/shop"), OLD.key_id, there)

    assert stranger.asked == []


def test_the_token_does_not_follow_a_next_page_on_another_host(
    github: GitHubLab, environment: dict[str, str]
) -> None:
    stranger = GitHubLab(token="?")
    with serve(stranger) as url:
        link = {"Link": f'<{url}/x?page=2>; rel="next"'}
        github.scripted.append(Given(body={"secrets": []}, headers=link))

        _, _, gaps = parted(GitHub().search(NEEDLE, scene(environment, "acme/shop")))

    assert stranger.asked == []
    assert "not sent there" in gaps[0].why


def test_a_renamed_repository_is_followed_on_the_same_host(
    github: GitHubLab, environment: dict[str, str], there: Reach
) -> None:
    github.variables["/repos/acme/new/actions"] = {"AWS_ACCESS_KEY_ID": (OLD.key_id, "2026")}
    target = f"{environment['GITHUB_API_URL']}/repos/acme/new/actions/variables/AWS_ACCESS_KEY_ID"
    github.scripted.append(Given(status=404))
    github.scripted.append(Given(status=301, headers={"Location": target}))
    store = GitHub()

    assert store.held(store.spot("acme/old"), OLD.key_id, there).key_id == OLD.key_id


def test_no_answer_is_told_with_the_doubt_it_leaves(environment: dict[str, str]) -> None:
    environment["GITHUB_API_URL"] = "http://127.0.0.1:9"
    store = GitHub()

    with pytest.raises(StoreSilent, match="no answer"):
        store.held(store.spot("acme/shop"), OLD.key_id, reach(environment))


def test_a_certificate_that_is_no_certificate_has_a_clear_hint(
    environment: dict[str, str],
) -> None:
    environment["GITHUB_API_URL"] = environment["GITHUB_API_URL"].replace("http://", "https://")
    store = GitHub()

    with pytest.raises(StoreSilent, match="TLS") as caught:
        store.held(store.spot("acme/shop"), OLD.key_id, reach(environment))

    assert "SSL_CERT_FILE" in caught.value.hint


def test_the_token_is_never_sent_unencrypted(environment: dict[str, str]) -> None:
    environment["GITHUB_API_URL"] = "http://github.example.com/api/v3"
    store = GitHub()

    with pytest.raises(WrongUse, match="https"):
        store.held(store.spot("acme/shop"), OLD.key_id, reach(environment))


def test_a_proxy_of_the_environment_is_used(github: GitHubLab, environment: dict[str, str]) -> None:
    environment |= {
        "http_proxy": environment["GITHUB_API_URL"],
        "GITHUB_API_URL": "http://127.0.0.1:9",
    }
    store = GitHub()

    held = store.held(store.spot("acme/shop"), OLD.key_id, reach(environment))

    assert held.key_id is None
    assert github.asked[0].headers["host"] == "127.0.0.1:9"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "acme",
        "acme/",
        "/shop",
        "acme/../x",
        "acme/..",
        "a/b/c",
        "acme/shop@",
        "acme/shop:A B",
        "a\n/b",
    ],
)
def test_what_is_no_repository_is_refused(text: str) -> None:
    with pytest.raises(WrongUse):
        GitHub().spot(text)


def test_without_token_or_target_it_is_not_set_up() -> None:
    with pytest.raises(NotSetUp, match="token"):
        list(GitHub().search(NEEDLE, scene({}, "acme/shop")))
    with pytest.raises(NotSetUp, match="named"):
        list(GitHub().search(NEEDLE, scene({"GH_TOKEN": TOKEN})))


def test_a_public_key_that_makes_no_sense_stops_the_write(github: GitHubLab, there: Reach) -> None:
    store = GitHub()
    spot = store.spot("acme/shop")
    pair = KeyPair(key_id=NEW.key_id, secret=Secret("x" * 40))
    not_found = Given(status=404)
    github.scripted += [not_found, not_found, not_found, Given(body={"key_id": "1", "key": "AAAA"})]

    with pytest.raises(CannotSwap, match="public key"):
        store.write(spot, OLD.key_id, pair, Held(key_id=None, version=None), there)

    assert [each for each in github.asked if each.method == "PUT"] == []
