"""GitLab: only the value changes, in its scope; what is hidden stays hidden and is said to be."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from fakes.stores import NEEDLE, NEW, OLD, parted, reach, scene
from lab.stores.gitlab import GitLabLab
from lab.stores.loopback import Given, ask, serve
from unleak.errors import WrongUse
from unleak.stores.failures import StoreRefused
from unleak.stores.gitlab import GitLab
from unleak.stores.interface import CannotSwap, Moved, NotSetUp, Reach
from unleak.stores.text_file import NoWayBack

if TYPE_CHECKING:
    from collections.abc import Iterator

TOKEN = "glpat-abcdefghij0123456789"
SHOP = "projects/acme%2Fshop"
ID, SECRET = "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"


@pytest.fixture
def gitlab() -> GitLabLab:
    return GitLabLab(token=TOKEN, variables={SHOP: []})


@pytest.fixture
def environment(gitlab: GitLabLab) -> Iterator[dict[str, str]]:
    with serve(gitlab) as url:
        yield {"GITLAB_TOKEN": TOKEN, "GITLAB_URL": url}


@pytest.fixture
def there(environment: dict[str, str]) -> Reach:
    return reach(environment)


def put_old(gitlab: GitLabLab, owner: str, **flags: object) -> None:
    gitlab.add(owner, ID, OLD.key_id, **flags)
    gitlab.add(owner, SECRET, OLD.secret.reveal(), **flags)


def test_only_the_values_change_and_a_second_client_reads_them(
    gitlab: GitLabLab, environment: dict[str, str], there: Reach
) -> None:
    put_old(gitlab, SHOP, masked=True, protected=True, raw=True, description="deploys")
    before = [dict(each) for each in gitlab.variables[SHOP]]
    store = GitLab()
    spot = store.spot("acme/shop")
    held = store.held(spot, OLD.key_id, there)

    written = store.write(spot, OLD.key_id, NEW, held, there)

    url = f"{environment['GITLAB_URL']}/api/v4/{SHOP}/variables"
    before[0]["value"], before[1]["value"] = NEW.key_id, NEW.secret.reveal()
    assert ask(url, {"PRIVATE-TOKEN": TOKEN}) == before
    assert store.pair(spot, NEW.key_id, there) == NEW
    assert store.held(spot, OLD.key_id, there).version == written.version
    assert NEW.secret.reveal() not in f"{written}{held}"


def test_another_scope_is_left_alone(gitlab: GitLabLab, there: Reach) -> None:
    put_old(gitlab, SHOP)
    put_old(gitlab, SHOP, environment_scope="review/*")
    store = GitLab()
    spot = store.spot("acme/shop@review/*")

    store.write(spot, OLD.key_id, NEW, store.held(spot, OLD.key_id, there), there)

    values = [each["value"] for each in gitlab.variables[SHOP]]
    assert values == [OLD.key_id, OLD.secret.reveal(), NEW.key_id, NEW.secret.reveal()]


def test_the_secret_is_written_before_the_id(gitlab: GitLabLab, there: Reach) -> None:
    put_old(gitlab, SHOP)
    store = GitLab()
    spot = store.spot("acme/shop")

    store.write(spot, OLD.key_id, NEW, store.held(spot, OLD.key_id, there), there)

    puts = [each.raw_path.rpartition("/")[2] for each in gitlab.asked if each.method == "PUT"]
    assert puts == [SECRET, ID]


def test_a_hidden_secret_is_found_by_its_name(gitlab: GitLabLab, there: Reach) -> None:
    gitlab.add(SHOP, f"DEPLOY_{ID}", OLD.key_id)
    gitlab.add(SHOP, f"DEPLOY_{SECRET}", OLD.secret.reveal(), hidden=True, masked=True)
    store = GitLab()
    spot = store.spot("acme/shop")
    held = store.held(spot, OLD.key_id, there)

    store.write(spot, OLD.key_id, NEW, held, there)

    assert not held.is_readable
    values = [each["value"] for each in gitlab.variables[SHOP]]
    assert values == [NEW.key_id, NEW.secret.reveal()]
    assert gitlab.variables[SHOP][1]["hidden"] is True


def test_a_place_that_holds_nothing_gets_a_masked_secret_and_gives_it_up_again(
    gitlab: GitLabLab, there: Reach
) -> None:
    store = GitLab()
    spot = store.spot("acme/shop@production")

    written = store.write(spot, OLD.key_id, NEW, store.held(spot, OLD.key_id, there), there)
    made = {str(each["key"]): each["masked"] for each in gitlab.variables[SHOP]}
    store.restore(spot, written, there)

    assert made == {ID: False, SECRET: True}
    assert gitlab.variables[SHOP] == []


def test_another_key_under_the_usual_names_is_not_overwritten(
    gitlab: GitLabLab, there: Reach
) -> None:
    gitlab.add(SHOP, ID, "AKIAQNZGKIQYWXYZ2345")
    store = GitLab()
    spot = store.spot("acme/shop")

    with pytest.raises(CannotSwap):
        store.write(spot, OLD.key_id, NEW, store.held(spot, OLD.key_id, there), there)

    assert [each.method for each in gitlab.asked] == ["GET", "GET"]


def test_variables_that_changed_meanwhile_are_not_overwritten(
    gitlab: GitLabLab, there: Reach
) -> None:
    put_old(gitlab, SHOP)
    store = GitLab()
    spot = store.spot("acme/shop")
    held = store.held(spot, OLD.key_id, there)
    gitlab.variables[SHOP][0]["value"] = "AKIAQNZGKIQYWXYZ2345"

    with pytest.raises(Moved):
        store.write(spot, OLD.key_id, NEW, held, there)


def test_a_swap_has_no_way_back(gitlab: GitLabLab, there: Reach) -> None:
    put_old(gitlab, SHOP)
    store = GitLab()
    spot = store.spot("acme/shop")
    written = store.write(spot, OLD.key_id, NEW, store.held(spot, OLD.key_id, there), there)

    with pytest.raises(NoWayBack):
        store.restore(spot, written, there)

    assert written.way_back is None


def test_groups_above_and_projects_below_are_searched_and_the_rest_is_told(
    gitlab: GitLabLab, environment: dict[str, str]
) -> None:
    gitlab.variables["groups/acme"] = []
    gitlab.variables["projects/acme%2Fsecret"] = []
    gitlab.forbidden.add("projects/acme%2Fsecret/variables")
    put_old(gitlab, "groups/acme", environment_scope="live")
    gitlab.add(SHOP, SECRET, "?", hidden=True)
    gitlab.add(SHOP, "FILE", f"[x]\naws_access_key_id={OLD.key_id}\n", variable_type="file")

    references, searched, gaps = parted(GitLab().search(NEEDLE, scene(environment)))

    assert [(each.where, each.field, each.is_only_name) for each in references] == [
        ("gitlab:groups/acme@live", ID, False),
        ("gitlab:acme/shop", SECRET, True),
        ("gitlab:acme/shop", "FILE", False),
    ]
    assert [each.where for each in gaps] == [
        "gitlab variables of the instance",
        "gitlab acme/secret",
    ]
    assert [each.seen for each in searched] == [4]


def test_a_named_project_brings_the_groups_that_it_inherits_from(
    gitlab: GitLabLab, environment: dict[str, str]
) -> None:
    put_old(gitlab, "groups/acme")

    references, _, _ = parted(GitLab().search(NEEDLE, scene(environment, "acme/shop")))

    assert [each.where for each in references] == ["gitlab:groups/acme"]


def test_a_token_that_is_not_accepted_is_an_error_without_the_token(
    environment: dict[str, str],
) -> None:
    environment["GITLAB_TOKEN"] = "glpat-wrongwrongwrongwrong"

    with pytest.raises(StoreRefused) as caught:
        list(GitLab().search(NEEDLE, scene(environment)))

    assert caught.value.status == 401
    assert "glpat-wrong" not in caught.value.message + caught.value.hint


def test_a_refused_value_is_not_in_the_message(gitlab: GitLabLab, there: Reach) -> None:
    put_old(gitlab, SHOP, masked=True)
    store = GitLab()
    spot = store.spot("acme/shop")
    held = store.held(spot, OLD.key_id, there)
    words = {"value": [f"{NEW.secret.reveal()} is invalid"]}
    listing = Given(body=list(gitlab.variables[SHOP]))
    gitlab.scripted += [listing, Given(status=400, body={"message": words})]

    with pytest.raises(StoreRefused) as caught:
        store.write(spot, OLD.key_id, NEW, held, there)

    assert "is invalid" in caught.value.message
    assert NEW.secret.reveal() not in caught.value.message


@pytest.mark.parametrize(
    "text", ["", "acme", "groups/", "a//b", "../x/y", "a/b@", "a/b@x\ny", "/a/b"]
)
def test_what_is_no_project_or_group_is_refused(text: str) -> None:
    with pytest.raises(WrongUse):
        GitLab().spot(text)


def test_without_a_token_it_is_not_set_up() -> None:
    with pytest.raises(NotSetUp):
        list(GitLab().search(NEEDLE, scene({})))
