"""The person's own receipts as files: the proof, and a page to print in either language; nobody else's."""

import base64
import json
import re
import zlib
from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest

from tests.web_client import Browser

Superuser = psycopg.Connection[tuple[Any, ...]]
Browse = Callable[[UUID | None], Browser]
STEP = (
    "INSERT INTO request_step (id, employee_id, request_id, store, chosen, state, deleted, held, remaining, apart, "
    "logical_at, physical_on) VALUES (%s, %s, %s, %s, '{}', %s, 41, 1, 0, true, '2026-11-29 10:00Z', '2026-12-29')"
)
RECEIPT = (
    "INSERT INTO receipt (id, employee_id, request_id, step_id, envelope, proof, issued_at) "
    "VALUES (gen_random_uuid(), %s, %s, %s, '{}', %s, now())"
)
PROOF = {"leaf": 7, "checkpoint": "portal.example/log\n12\nAbCd=\n\n— portal.example/log sig\n", "key": "portal+key"}


@pytest.fixture
def own(person: Callable[..., UUID], superuser: Superuser) -> Callable[..., tuple[UUID, UUID, UUID]]:
    """Somebody with a step and its receipt: person, request, step."""

    def make(proof: dict[str, Any] | None = PROOF, store: str = "daylight", **columns: Any) -> tuple[UUID, UUID, UUID]:
        amira, request, step = person("Amira Kaya", **columns), uuid4(), uuid4()
        superuser.execute(STEP, [step, amira, request, store, "partial"])
        superuser.execute(RECEIPT, [amira, request, step, json.dumps(proof) if proof else None])
        superuser.commit()
        return amira, request, step

    return make


def words_of(pdf: bytes) -> str:
    """The text that the pages draw, read by the table of characters of each embedded font."""
    parts = {int(number): body for number, body in re.findall(rb"(\d+) 0 obj(.*?)endobj", pdf, re.DOTALL)}
    tables = {
        name.decode(): _characters(parts, int(font))
        for body in parts.values()
        for name, font in re.findall(rb"/(F[\d+]+) (\d+) 0 R", body)
    }
    drawn, table = [], {}
    for page in filter(None, map(_unpacked, parts.values())):
        for name, text in re.findall(r"/(F[\d+]+) [\d.]+ Tf|\((.*?)(?<!\\)\) Tj", page, re.DOTALL):
            if name:
                table = tables[name]
            else:
                codes = re.sub(r"\\(\d{3})", lambda found: chr(int(found[1], 8)), text)
                drawn.append("".join(table.get(ord(code), code) for code in codes))
    return " ".join(drawn)


def _unpacked(body: bytes) -> str:
    found = re.search(rb"stream\r?\n(.*?)endstream", body, re.DOTALL)
    if found is None or b"/FontFile" in body or b"/Length1" in body:
        return ""
    data = found[1].strip(b"\r\n")
    if b"ASCII85" in body:
        data = base64.a85decode(b"<~" + data.strip(), adobe=True)
    return zlib.decompress(data).decode("latin-1")


def _characters(parts: dict[int, bytes], font: int) -> dict[int, str]:
    """Code → character, as an embedded font's ToUnicode says; none for a font that every reader has."""
    where = re.search(rb"/ToUnicode (\d+) 0 R", parts[font])
    if where is None:
        return {}
    told = re.findall(r"<(\w\w)> <(\w{4})>\n", _unpacked(parts[int(where[1])]))
    return {int(code, 16): chr(int(to, 16)) for code, to in told}


def test_the_receipt_is_the_file_that_the_log_proves(browse: Browse, own: Callable[..., tuple[UUID, ...]]) -> None:
    amira, request, step = own()
    answer = browse(amira).get(f"/requests/{request}/receipts/{step}.json")
    assert (answer.status_code, answer.mimetype, answer.get_json()) == (200, "application/json", PROOF)
    assert answer.headers["Content-Disposition"] == f'attachment; filename="daylight-{step}.json"'


def test_until_the_log_has_it_there_is_a_page_that_says_so(
    browse: Browse, own: Callable[..., tuple[UUID, ...]]
) -> None:
    amira, request, step = own(proof=None)
    answer = browse(amira).get(f"/requests/{request}/receipts/{step}.json")
    assert (answer.status_code, "not ready yet" in answer.get_data(as_text=True)) == (409, True)


@pytest.mark.parametrize("path", ["receipts/{step}.json", "receipt.pdf"])
def test_nobody_else_gets_it(
    browse: Browse, own: Callable[..., tuple[UUID, ...]], person: Callable[..., UUID], path: str
) -> None:
    _, request, step = own()
    where = f"/requests/{request}/{path.format(step=step)}"
    assert browse(person("Ben Okafor")).get(where).status_code == 404
    assert browse(None).get(where).status_code in {302, 303, 401}


@pytest.mark.parametrize(
    ("locale", "expected"),
    [
        ("en", ["Receipt of a deletion", "own store", "Deleted in part", "29 Dec 2026", "Entry 7 of the log"]),
        (
            "de",
            [
                "Beleg einer Löschung",
                "Speicher von Daylight",
                "Teilweise gelöscht",
                "29.12.2026",
                "Eintrag 7 des Protokolls",
            ],
        ),
    ],
)
def test_the_page_to_print_says_it_in_the_persons_language(
    browse: Browse, own: Callable[..., tuple[UUID, ...]], locale: str, expected: list[str]
) -> None:
    amira, request, _ = own(locale=locale)
    answer = browse(amira).get(f"/requests/{request}/receipt.pdf")
    assert (answer.status_code, answer.mimetype, answer.data[:5]) == (200, "application/pdf", b"%PDF-")
    text = words_of(answer.data)
    assert [words for words in expected if words not in text] == [], text


def test_names_print_whatever_their_letters(browse: Browse, own: Callable[..., tuple[UUID, ...]]) -> None:
    amira, request, _ = own(store="Łukasz Żółć, Őrsi, Ελένη, Зоя")
    answer = browse(amira).get(f"/requests/{request}/receipt.pdf")
    assert b"DejaVuSans" in answer.data
    assert "Łukasz Żółć, Őrsi, Ελένη, Зоя" in words_of(answer.data)


def test_a_stores_name_is_text_and_never_markup(browse: Browse, own: Callable[..., tuple[UUID, ...]]) -> None:
    amira, request, _ = own(store="lake <b>&amp; <img src='file:///etc/passwd'/>")
    answer = browse(amira).get(f"/requests/{request}/receipt.pdf")
    assert answer.status_code == 200
    assert "img src='file" in words_of(answer.data)
