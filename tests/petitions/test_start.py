"""Writing: what is refused, similar ones, drafts that nobody else sees, and how many one may have."""

from collections.abc import Callable
from uuid import UUID, uuid4

import pytest

from tests.petitions.arrange import WORDS, Superuser, petition
from tests.web_client import Browser

Browse = Callable[[UUID | None], Browser]
MAKE = Callable[..., UUID]


@pytest.mark.parametrize(
    "wrong", [{"title": ""}, {"title": "x" * 121}, {"demand": "short"}, {"reasons": " "}, {"answerer": "the moon"}]
)
def test_what_is_missing_is_said_and_nothing_is_lost(browse: Browse, person: MAKE, wrong: dict[str, object]) -> None:
    answer = browse(person()).post("/petitions", WORDS | wrong)
    assert answer.status_code == 422
    assert "error" in answer.text
    if "reasons" not in wrong:
        assert str(WORDS["reasons"]) in answer.text


def test_similar_ones_are_shown_before_it_starts(browse: Browse, person: MAKE, superuser: Superuser) -> None:
    word = f"quux{uuid4().hex[:6]}"
    petition(superuser, title=f"Ban the {word} machines")
    petition(superuser, "rejected", title=f"Ban the {word} machines for ever")
    amira = browse(person())
    found = amira.get(f"/petitions/similar?title={word.upper()}s&demand=").text
    assert f"Ban the {word} machines<" in found
    assert "for ever" not in found
    assert amira.get("/petitions/similar?title=%27%29%20%7C%20%3A*&demand=%26%21%28").text.strip() == ""
    asked = WORDS | {"title": f"We want no {word}"}
    first = amira.post("/petitions", asked)
    assert first.status_code == 422
    assert "Start mine anyway" in first.text
    assert amira.post("/petitions", asked | {"seen": "1"}).status_code == 303


def test_a_draft_is_kept_gone_on_with_and_gone_when_it_starts(
    browse: Browse, person: MAKE, superuser: Superuser
) -> None:
    amira, ben = browse(person()), browse(person("Ben Otto"))
    path = amira.post("/petitions/drafts", {"title": "Half a title", "answerer": "employer"}).headers["Location"]
    assert "Half a title" in amira.get(path).text
    assert "Half a title" in amira.get("/petitions").text
    assert ben.get(path).status_code == 404
    assert "Half a title" not in ben.get("/petitions").text
    draft = path.rpartition("/")[2]
    assert ben.post("/petitions/drafts", {"draft": draft, "title": "Mine now"}).status_code == 404
    assert ben.post(f"{path}/discard").status_code == 404
    again = amira.post("/petitions/drafts", {"draft": draft, "title": "Half a title more"})
    assert again.headers["Location"] == path
    assert amira.post("/petitions", WORDS | {"draft": draft, "seen": "1"}).status_code == 303
    assert amira.get(path).status_code == 404


def test_one_person_has_three_that_run_and_ten_drafts(browse: Browse, person: MAKE) -> None:
    amira = browse(person())
    for _ in range(3):
        assert amira.post("/petitions", WORDS | {"seen": "1"}).status_code == 303
    fourth = amira.post("/petitions", WORDS | {"seen": "1"})
    assert fourth.status_code == 409
    assert "as many as one person may have" in fourth.text
    for number in range(10):
        assert amira.post("/petitions/drafts", {"title": f"Draft {number}"}).status_code == 303
    assert amira.post("/petitions/drafts", {"title": "Draft 11"}).status_code == 409
    assert amira.post("/petitions/drafts", {"draft": "no id"}).status_code == 400


@pytest.mark.parametrize("unseen", ["\u200b", "\u202e", "\u2066", "\u00ad"])
def test_letters_that_nobody_sees_are_no_title_and_stand_in_no_text(browse: Browse, person: MAKE, unseen: str) -> None:
    amira = browse(person())
    given: dict[str, object] = {
        "title": unseen * 20, "demand": f"Quiet{unseen} rooms, please.", "reasons": "It is\r\nloud here.", "seen": "1"
    }  # fmt: skip
    assert amira.post("/petitions", given).status_code == 422
    started = amira.post("/petitions", given | {"title": f"Quiet{unseen} rooms for calls"})
    assert started.status_code == 303
    page = amira.get(started.headers["Location"]).text
    assert "<h1>Quiet rooms for calls</h1>" in page
    assert "Quiet rooms, please." in page
    assert unseen not in page
