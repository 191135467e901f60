"""HR says that a kind stays in a store with words of its own: it stays and the rest goes, or the store says why not."""

from dataclasses import replace
from pathlib import Path
from uuid import UUID

import pytest

from portal.core import clock
from portal.requests.counting import Counting
from portal.requests.deciding import Proposal
from portal.requests.jobs import plan_next
from portal.requests.rules import About, Outcome
from portal.worker import run
from tests.deletion.installation import Installation
from tests.deletion.test_external import DAY, Lake
from tests.requests.arrange import decided, sent


@pytest.fixture
def lake(installation: Installation, tmp_path: Path) -> Lake:
    """Five screenshots, and five of what the store calls keystrokes, of which it is known what they are."""
    installation.ask("DELETE FROM source")
    installation.cancel_steps()
    made = Lake(installation, tmp_path)
    made.tells_kinds("'Keystroke'")
    installation.ask("""UPDATE dataset SET kinds = '{"keystroke": "key"}' WHERE id = %s""", made.dataset)
    return made


def carried_out(lake: Lake, stays: str, *kinds: str, counted: bool = True, later: str = "") -> UUID:
    """A request on which HR decides that a kind stays there, counted before if the store could be."""
    one, now = lake.installation, clock.now()
    request = sent(one.database, lake.amira, about=About(now - 30 * DAY, now, kinds=kinds)).id
    if counted:
        Counting(one.database, replace(one.settings, sources=lake.addresses)).run()
    (name,) = one.ask("SELECT name FROM dataset WHERE id = %s", lake.dataset)[0]
    kept = ({"store": name, "kind": stays, "ground": "legal_claims"},)
    decided(one.database, request, Proposal(Outcome.PARTIAL, "Case 7.", "legal_claims", kept))
    run(one.database, plan_next)
    if later:
        one.ask("UPDATE dataset SET kinds = %s WHERE id = %s", later, lake.dataset)
    lake.carry()
    return request


def words(lake: Lake) -> list[str]:
    """The words for kinds of what is left of the person's."""
    return sorted(lake.rows("SELECT DISTINCT what FROM events WHERE who LIKE ?", f"{lake.amira}%"))


@pytest.mark.parametrize("kinds", [(), ("key", "screenshot")])
@pytest.mark.parametrize("stays", ["key", "keystroke"])
def test_R03_a_kind_that_stays_is_kept_by_the_stores_own_word(lake: Lake, stays: str, kinds: tuple[str, ...]) -> None:
    request = carried_out(lake, stays, *kinds)
    assert lake.step(request)[:4] == ("done", 5, 0, 0)
    assert words(lake) == ["Keystroke"]
    assert lake.installation.one("SELECT state FROM request WHERE id = %s", request) == "partial"


def test_R03_what_is_not_of_the_kind_that_stays_goes_also_by_the_stores_own_word(lake: Lake) -> None:
    request = carried_out(lake, "screenshot")
    assert lake.step(request)[:4] == ("done", 5, 0, 0)
    assert words(lake) == ["Screenshot"]


def test_R03_a_store_without_a_column_for_kinds_refuses_and_says_so(lake: Lake) -> None:
    lake.installation.ask("UPDATE dataset SET kind_column = NULL, kinds = '{}' WHERE id = %s", lake.dataset)
    request = carried_out(lake, "key")
    state, *_, reason = lake.step(request)
    assert (state, str(reason).partition(":")[0]) == ("refused", "no_kind_column")
    assert lake.left(lake.amira) == 10
    assert lake.installation.one("SELECT state FROM request WHERE id = %s", request) == "partial"


def test_R03_a_store_of_which_nobody_knows_the_kinds_keeps_all_of_it(lake: Lake) -> None:
    request = carried_out(lake, "key", counted=False)
    state, *_, reason = lake.step(request)
    assert (state, reason, lake.left(lake.amira)) == ("refused", "ground:legal_claims", 10)


def test_R03_a_word_explained_meanwhile_as_what_stays_takes_nothing_of_it_along(lake: Lake) -> None:
    lake.change("UPDATE events SET what = 'odd' WHERE rowid IN (SELECT rowid FROM events WHERE what = 'Screenshot')")
    request = carried_out(lake, "key", later='{"keystroke": "key", "odd": "key"}')
    assert lake.step(request)[:4] == ("done", 0, 0, 0)
    assert words(lake) == ["Keystroke", "odd"]
