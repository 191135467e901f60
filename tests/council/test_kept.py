"""What a process keeps of releases: bounded, the same for all readers of a desk, and never in place of the database."""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import uuid4

from sqlalchemy import Engine, event

from portal.council import pages, queries
from portal.council.kept import Kept
from tests.council.conftest import Council


@contextmanager
def told() -> Iterator[list[str]]:
    """Every statement that any engine sends meanwhile."""
    found: list[str] = []

    def note(*given: object) -> None:
        found.append(str(given[2]))

    event.listen(Engine, "before_cursor_execute", note)
    yield found
    event.remove(Engine, "before_cursor_execute", note)


def test_what_was_not_used_for_longest_makes_room() -> None:
    kept = Kept[str](10)
    for name in ("one", "two", "three"):
        kept.put(name, name, 3)
    assert kept.get("one") == "one"
    kept.put("four", "four", 3)
    assert [kept.get(name) for name in ("one", "two", "three", "four")] == ["one", None, "three", "four"]
    kept.put("one", "other", 1)
    assert kept.get("one") == "other"
    kept.put("huge", "huge", 11)
    assert [kept.get(name) for name in ("one", "three", "four", "huge")] == [None] * 4
    kept.put("five", "five", 10)
    kept.clear()
    assert kept.get("five") is None


def test_a_page_read_again_asks_for_no_figure(released: Council) -> None:
    for kept in (queries.RELEASES, queries.FIGURES, pages.DRAWN):
        kept.clear()
    clara = released.as_(released.clara)
    with told() as first:
        cold = clara.get("/council").text
    with told() as second:
        warm = clara.get("/council").text
    assert any("pub.figure" in one for one in first)
    assert not any("pub.figure" in one for one in second)
    assert any("room_look" in one for one in second), "every look is written down, also at what is kept"
    assert _main(cold) == _main(warm)


def test_nothing_about_a_reader_is_kept(released: Council) -> None:
    pages.DRAWN.clear()
    released.get("/statistics", released.ben)
    page = _main(released.get("/statistics", released.hana))
    for word in ("Ben Roth", "Hana Berg", "csrf", "nonce"):
        assert word not in page


def test_each_language_and_desk_has_its_own(released: Council) -> None:
    english = _main(released.get("/council"))
    german = released.as_(released.clara).get("/council", headers={"Accept-Language": "de"}).text
    assert "Show" in english
    assert _main(german) != english
    assert "/statistics/releases/" not in english
    assert "/council/releases/" not in _main(released.get("/statistics", released.ben))


def test_a_release_that_is_not_there_is_not_shown(released: Council) -> None:
    queries.RELEASES.put(uuid4(), queries.RELEASES.get(released.newest()), 1)  # type: ignore[arg-type]
    assert released.as_(released.clara).get(f"/council/releases/{uuid4()}").status_code == 404


def _main(page: str) -> str:
    return page.partition("<main")[2].partition("</main>")[0]
