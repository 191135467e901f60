"""An address that several people have or had: a step there waits until HR has said whose, and goes on by itself."""

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from uuid import UUID

import pytest

from portal.core import clock
from portal.deletion import moving
from portal.deletion.keeping import Keeping
from portal.deletion.models import StepAction
from portal.deletion.planning import Place
from portal.deletion.rules import Chosen
from portal.sources.rules import OBJECTIONS
from tests.deletion.installation import EVERYBODY, Installation
from tests.deletion.test_external import Lake
from tests.deletion.test_freezing import Pond

SAID = (
    "INSERT INTO address_span (employee_id, address, theirs, since, until, settled_by, settled_at) "
    "VALUES (%s, %s, %s, %s, %s, gen_random_uuid(), %s)"
)
LONG_AGO = OBJECTIONS + timedelta(hours=1)


class Contested(Lake):
    """Ben was given the address that Amira had, and has it now."""

    def __init__(self, installation: Installation, folder: Path, time_column: str | None = "at") -> None:
        super().__init__(installation, folder, time_column)
        self.address = f"{self.amira}@daylight.example"
        self.renamed()
        installation.ask("UPDATE employee SET email = %s WHERE id = %s", self.address, self.ben)

    def says(
        self,
        person: UUID,
        since: date | None = None,
        until: date | None = None,
        *,
        theirs: bool = True,
        ago: timedelta = LONG_AGO,
    ) -> None:
        """What HR said some time ago."""
        self.installation.ask(SAID, person, self.address, theirs, since, until, clock.now() - ago)

    def goes_on(self) -> None:
        """The time for the next try has come."""
        self.installation.ask("UPDATE request_step SET next_try_at = now() WHERE state = 'waiting'")
        self.carry()


@pytest.fixture
def lake(installation: Installation, tmp_path: Path) -> Contested:
    return Contested(installation, tmp_path)


def test_R03_nothing_goes_while_nobody_has_said_whose_it_is(lake: Contested) -> None:
    request = lake.request(Chosen())
    lake.carry()
    assert (lake.step(request)[0], lake.step(request)[6]) == ("waiting", "contested:main.events")
    assert lake.left(lake.amira) == 10
    lake.says(lake.amira)
    lake.goes_on()
    assert lake.step(request)[0] == "waiting", "of one of them only"


def test_R03_it_goes_on_by_itself_once_all_have_heard_whose_it_is(lake: Contested) -> None:
    request = lake.request(Chosen())
    lake.carry()
    lake.says(lake.amira)
    lake.says(lake.ben, theirs=False)
    lake.goes_on()
    assert lake.step(request) == ("done", 10, 0, 0, True, True, None), str(lake.step(request)[6])


def test_R03_what_hr_says_counts_only_after_the_week_for_objections(lake: Contested) -> None:
    lake.says(lake.amira, ago=OBJECTIONS - timedelta(hours=1))
    lake.says(lake.ben, theirs=False, ago=OBJECTIONS - timedelta(hours=1))
    request = lake.request(Chosen())
    lake.carry()
    assert lake.step(request)[0] == "waiting"
    assert lake.left(lake.amira) == 10


def test_D02_each_loses_the_rows_of_the_own_time_only(lake: Contested) -> None:
    turn = clock.now().date() - timedelta(days=4)
    lake.says(lake.amira, until=turn)
    lake.says(lake.ben, since=turn)
    request = lake.request(Chosen())
    lake.carry()
    state, deleted, _, remaining, *_ = lake.step(request)
    assert (state, remaining) == ("done", 0)
    assert deleted == 10 - lake.left(lake.amira)
    assert lake.left(lake.amira) == 4, "those since the turn are Ben's"


def test_D02_nothing_goes_for_somebody_whose_it_never_was(lake: Contested) -> None:
    """Ben asks; Amira's rows under the address stay, and what is his own goes."""
    lake.installation.ask(
        "UPDATE employee SET former_emails = %s WHERE id = %s", [f"{lake.ben}@daylight.example"], lake.ben
    )
    lake.says(lake.amira)
    lake.says(lake.ben, theirs=False)
    lake.amira, lake.ben = lake.ben, lake.amira
    request = lake.request(Chosen())
    lake.carry()
    assert lake.step(request)[:4] == ("done", 10, 0, 0)
    assert (lake.left(lake.amira), lake.left(lake.ben)) == (0, 10)


def test_R03_a_time_that_a_store_cannot_tell_is_refused_and_deletes_nothing(
    installation: Installation, tmp_path: Path
) -> None:
    lake = Contested(installation, tmp_path, time_column=None)
    turn = clock.now().date() - timedelta(days=4)
    lake.says(lake.amira, until=turn)
    lake.says(lake.ben, since=turn)
    request = lake.request(Chosen())
    lake.carry()
    assert (lake.step(request)[0], lake.step(request)[6]) == ("refused", "no_time_column:main.events")
    assert lake.left(lake.amira) == 10


def test_R03_a_whole_person_is_not_forgotten_while_rows_wait_for_a_word(lake: Contested) -> None:
    request = lake.request(EVERYBODY)
    lake.carry()
    assert lake.installation.one("SELECT name FROM employee WHERE id = %s", lake.amira) == "Amira Kaya"
    assert set(lake.installation.state(request)) <= {"waiting", "pending"}


class Frozen(Pond, Contested):
    """Amira's rows were frozen before Ben was given the address."""

    def __init__(self, installation: Installation, folder: Path) -> None:
        Pond.__init__(self, installation, folder)
        self.address = f"{self.amira}@daylight.example"

    def given_again(self) -> None:
        """Ben has the address now."""
        self.renamed()
        self.installation.ask("UPDATE employee SET email = %s WHERE id = %s", self.address, self.ben)


@pytest.fixture
def pond(installation: Installation, tmp_path: Path) -> Frozen:
    return Frozen(installation, tmp_path)


@pytest.mark.parametrize("said", ["until", "never", "nothing"])
def test_R03_what_was_frozen_comes_back_whatever_was_said_of_the_address_since(pond: Frozen, said: str) -> None:
    request = pond.freeze(Chosen())
    pond.given_again()
    turn = clock.now().date() - timedelta(days=4)
    if said != "nothing":
        pond.says(pond.amira, until=turn, theirs=said == "until")
        pond.says(pond.ben, since=turn if said == "until" else None)
    pond.lift(request)
    assert pond.moved(request) == ("thaw", "done", 10, 0, 0, 0, True, None)
    assert (pond.left(pond.amira), pond.apart()) == (10, 0)


def test_R03_what_somebody_else_may_have_frozen_stays_is_counted_and_comes_back_with_that_freeze(pond: Frozen) -> None:
    mine = pond.freeze(Chosen())
    pond.given_again()
    turn = clock.now().date() - timedelta(days=4)
    pond.says(pond.amira, until=turn)
    pond.says(pond.ben, since=turn)
    place = Place(pond.name, pond.dataset)
    bens = pond.installation.request(pond.ben, Chosen(), places=[place], action=StepAction.FREEZE)
    pond.carry()
    pond.lift(mine)
    assert pond.moved(mine) == ("thaw", "partial", 6, 4, 0, 4, True, "frozen_for_whom")
    assert (pond.left(pond.amira), pond.apart()) == (6, 4 + 10)
    with pond.installation.worker() as session:
        moving.lift(session, pond.ben, bens, clock.now())
    pond.carry()
    assert pond.moved(bens)[:2] == ("thaw", "done")
    assert (pond.left(pond.amira), pond.apart()) == (10, 0)


def test_where_an_address_was_never_theirs_in_time_a_look_says_so_and_not_that_nobody_can_look(pond: Frozen) -> None:
    now = clock.now()
    request = pond.freeze(Chosen(now - timedelta(days=3), now - timedelta(days=1)))
    pond.installation.ask("UPDATE employee SET email = %s WHERE id = %s", pond.address, pond.ben)
    turn = now.date() - timedelta(days=5)
    pond.says(pond.amira, until=turn)
    pond.says(pond.ben, since=turn)
    pond.installation.ask("UPDATE request_step SET look_at = now() WHERE request_id = %s", request)
    Keeping(pond.installation.database, replace(pond.installation.settings, sources=pond.addresses)).run()
    seen = "SELECT looked_at IS NOT NULL, pending_since FROM request_step WHERE request_id = %s AND store = %s"
    assert pond.installation.ask(seen, request, pond.name) == [(True, None)]
