"""How many people a draft touches: the officer reads the number, the council none under ten."""

from collections.abc import Callable
from uuid import UUID, uuid4

import pytest

from tests.deciding.conftest import Chamber
from tests.deciding.test_councils import submitted


@pytest.mark.parametrize(("people", "told"), [(12, "12 people who"), (9, "Fewer than ten people who")])
def test_D01_the_council_is_told_how_many_a_draft_touches_but_none_under_ten(
    chamber: Chamber, person: Callable[..., UUID], people: int, told: str
) -> None:
    town = f"Town {uuid4()}"
    for _ in range(people):
        person("Amira Kaya", site=town)
    number = submitted(chamber, town)
    for path in (f"/council/policies/{number}", f"/council/policies/{number}/sign"):
        drawn = chamber.as_(chamber.clara).get(path).get_data(as_text=True)
        assert f"{told} work here now are touched." in drawn
    officer = chamber.as_(chamber.omar).get(f"/officer/signing/{number}").get_data(as_text=True)
    assert f"{people} people who work here now are touched." in officer
