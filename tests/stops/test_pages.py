"""The pages of a stop for all: refusals first, then the act, its effect, and its end (S07, D01, P03)."""

import contextlib
import io
import json
from collections.abc import Callable
from datetime import timedelta
from uuid import UUID, uuid4

import psycopg
import pytest
from psycopg import sql

from portal.core import clock
from portal.core.db import Database
from portal.operations.postgres import DATABASE, Postgres
from portal.stops import actions
from tests.cast import make_collector
from tests.stops.conftest import DESKS, Company
from tests.web_client import statements
from wire import documents, dsse
from wire.policy import Audience
from wire.stopping import Resume

PAGES = ("", "/new", "/{stop}", "/{stop}/effect", "/{stop}/resume.json")
ACTS = ("", "/check", "/{stop}/resume")
SILENCE = "No number is shown here: alone or beside another stop it would tell of fewer than ten people or devices."


@pytest.mark.parametrize("desk", DESKS)
def test_nobody_else_comes_in(company: Company, desk: str) -> None:
    stop = company.stop()
    other = {"officer": company.clara, "council": company.omar}[desk]
    for path in PAGES:
        address = f"/{desk}/stops" + path.format(stop=stop)
        assert company.as_(None).get(address).status_code == 303
        for who in (company.amira, company.hana, other):
            assert company.as_(who).get(address).status_code == 403, (who, address)
    for path in ACTS:
        address = f"/{desk}/stops" + path.format(stop=stop)
        for who in (company.amira, company.hana, other):
            assert company.as_(who).post(address).status_code == 403, (who, address)


@pytest.mark.parametrize("desk", DESKS)
def test_a_stop_that_is_none_and_a_wrong_method(company: Company, desk: str) -> None:
    for path in PAGES[2:]:
        assert company.of(desk).get(f"/{desk}/stops" + path.format(stop=uuid4())).status_code == 404
    assert company.of(desk).post(f"/{desk}/stops/{uuid4()}/resume").status_code == 404
    assert company.of(desk).get(f"/{desk}/stops/check").status_code == 405
    assert company.of(desk).post(f"/{desk}/stops/new").status_code == 405


@pytest.mark.parametrize("desk", DESKS)
def test_S07_to_stop_one_signs_in_anew(company: Company, desk: str) -> None:
    browser = company.of(desk)
    company.superuser.execute("UPDATE login_session SET auth_time = now() - interval '16 minutes'")
    company.superuser.commit()
    assert "/sign-in" in browser.get(f"/{desk}/stops/new").headers["Location"]
    before = company.one("SELECT count(*) FROM stop")
    for path in ("", "/check"):
        answer = browser.post(f"/{desk}/stops{path}", {"whom": "everybody", "reason": "A leak."})
        assert (answer.status_code, "Sign in again first." in answer.text) == (401, True)
    assert company.one("SELECT count(*) FROM stop") == before
    assert browser.get(f"/{desk}/stops").status_code == 200, "reading needs no fresh sign-in"


@pytest.mark.parametrize("desk", DESKS)
def test_one_confirmed_act_stops(company: Company, desk: str) -> None:
    browser = company.of(desk)
    assert company.site in browser.get(f"/{desk}/stops/new").get_data(as_text=True)
    form: dict[str, object] = {"whom": "some", "sites": company.site, "reason": "Tax numbers were found."}
    asked = browser.post(f"/{desk}/stops/check", form)
    page = asked.get_data(as_text=True)
    assert asked.status_code == 200
    assert company.site in page
    assert "Tax numbers were found." in page
    assert company.one("SELECT count(*) FROM stop WHERE sites = %s", [company.site]) == 0, "nothing is done yet"
    done = browser.post(f"/{desk}/stops", form)
    assert done.status_code == 303
    role = {"officer": "privacy_officer", "council": "works_council"}[desk]
    row = company.superuser.execute(
        "SELECT id, by_role, reason, resumed_at FROM stop WHERE sites = %s", [[company.site]]
    ).fetchone()
    assert row is not None
    assert row[1:] == (role, "Tax numbers were found.", None)
    logged = company.superuser.execute(
        "SELECT actor_id, actor_role, action, employee_id, detail->>'reason' FROM audit_entry WHERE object_id = %s",
        [row[0]],
    ).fetchall()
    who = {"officer": company.omar, "council": company.clara}[desk]
    assert logged == [(who, role, "stop.begun", None, "Tax numbers were found.")]
    shown = browser.get(done.headers["Location"])
    assert "Tax numbers were found." in shown.get_data(as_text=True)
    assert statements(shown) <= 12


def test_a_stop_for_those_who_fit_all_that_was_chosen(company: Company) -> None:
    company.superuser.execute(
        "UPDATE employee SET department = 'Lab of ' || site, country = 'Atlantis' WHERE site = %s", [company.site]
    )
    lab = f"Lab of {company.site}"
    form: dict[str, object] = {"whom": "some", "departments": lab, "countries": "Atlantis", "reason": "A leak."}
    page = company.of("council").post("/council/stops/check", form).get_data(as_text=True)
    assert f"Stop recording now for: {lab} · Atlantis" in page
    assert page.count(f'value="{lab}"') == 1, "what was chosen goes along to the act"
    done = company.of("council").post("/council/stops", form)
    row = company.superuser.execute(
        "SELECT id, sites, departments, countries FROM stop WHERE departments = %s", [[lab]]
    ).fetchone()
    assert row is not None
    assert row[1:] == (None, [lab], ["Atlantis"])
    detail = company.one("SELECT detail FROM audit_entry WHERE object_id = %s", row[0])
    assert (detail["departments"], detail["countries"]) == ([lab], ["Atlantis"])
    assert f"{lab} · Atlantis" in company.of("council").get(done.headers["Location"]).get_data(as_text=True)
    told = company.as_(company.amira).get("/").get_data(as_text=True)
    assert f"Recording is stopped for {lab} · Atlantis." in told
    assert "Recording is stopped for" not in company.as_(company.hana).get("/").get_data(as_text=True)


def test_D01_a_stop_for_a_few_tells_no_desk_whether_they_were_recording(
    company: Company, person: Callable[..., UUID]
) -> None:
    lab = f"Lab of {company.site}"
    company.superuser.execute("UPDATE employee SET department = %s WHERE id = %s", [lab, company.amira])
    make_collector(company.superuser, company.amira)
    for _ in range(10):
        make_collector(company.superuser, person(site="elsewhere", department=lab))
    form: dict[str, object] = {"whom": "some", "sites": company.site, "departments": lab, "reason": "A leak."}
    answer = company.of("officer").post("/officer/stops", form)
    stop = UUID(answer.headers["Location"].rsplit("/", 1)[1])
    assert SILENCE in company.of("officer").get(f"/officer/stops/{stop}").get_data(as_text=True), "none of hers"
    company.devices(stop, 1, 0)
    page = company.of("officer").get(f"/officer/stops/{stop}").get_data(as_text=True)
    assert SILENCE in page
    assert "Devices not reached" not in page


@pytest.mark.parametrize("lost", [0, 1])
@pytest.mark.parametrize(
    "gone",
    [
        "removed_at = now()",
        "last_seen_at = now() - interval '31 days'",
        "kind = 'opamp', public_key = NULL, bearer_hash = sha256(id::text::bytea)",
    ],
)
def test_D01_a_stop_tells_nothing_where_fewer_than_ten_have_a_collector(company: Company, gone: str, lost: int) -> None:
    """Eleven work there, ten have a collector; of nine nobody gets a figure."""
    few = "SELECT id FROM employee WHERE site = %s AND id <> %s LIMIT %s"
    change = f"UPDATE device SET {gone} WHERE employee_id IN ({few})".encode()
    company.superuser.execute(change, [company.site, company.amira, lost])
    company.superuser.commit()
    stop = company.stop()
    company.devices(stop, 12, 11)
    page, tells = company.of("officer").get(f"/officer/stops/{stop}").get_data(as_text=True), lost == 0
    assert (SILENCE in page) is not tells
    assert ("11 of 12 devices have stopped." in page) is tells
    assert ("Devices not reached" in page) is tells


@pytest.mark.parametrize("labs", [(11,), (11, 12)])
@pytest.mark.parametrize("rest", [9, 10])
def test_D01_stops_that_overlap_tell_no_desk_of_the_few_between_them(
    company: Company, person: Callable[..., UUID], labs: tuple[int, ...], rest: int
) -> None:
    company.superuser.execute("UPDATE employee SET site = NULL WHERE site = %s", [company.site])
    company.superuser.commit()
    for number, size in enumerate((*labs, rest)):
        for _ in range(size):
            make_collector(company.superuser, person(site=company.site, department=f"Lab {number} of {company.site}"))
    for number, _ in enumerate(labs):
        form: dict[str, object] = {
            "whom": "some",
            "departments": f"Lab {number} of {company.site}",
            "reason": "A leak.",
        }
        answer = company.of("officer").post("/officer/stops", form)
        first = UUID(answer.headers["Location"].rsplit("/", 1)[1])
        company.devices(first, 12, 12)
        assert SILENCE not in company.of("officer").get(f"/officer/stops/{first}").get_data(as_text=True)
    whole, tells = company.stop(), rest == 10
    company.devices(whole, 40, 30)
    for desk in DESKS:
        text = company.of(desk).get(f"/{desk}/stops/{whole}").get_data(as_text=True)
        assert ("30 of 40 devices have stopped." in text) is tells
        assert (SILENCE in text) is not tells
        assert ("Laptop 35" in text) is (tells and desk == "officer")


def test_row_log_and_notification_are_one_transaction(company: Company, database: Database, postgres: Postgres) -> None:
    with psycopg.connect(postgres.superuser_conninfo(DATABASE), autocommit=True) as heard:
        (channel,) = heard.execute("SELECT wake_channel('stop')").fetchone() or ("",)
        heard.execute(sql.SQL("LISTEN {}").format(sql.Identifier(channel)))
        with contextlib.suppress(RuntimeError), database.transaction("web_officer", company.omar) as session:
            taken_back = actions.begin(session, Audience((company.site,), None, None), "Not for long.", clock.now())[
                0
            ].id
            raise RuntimeError
        assert company.one("SELECT count(*) FROM stop WHERE id = %s", taken_back) == 0
        assert company.one("SELECT count(*) FROM audit_entry WHERE object_id = %s", taken_back) == 0
        made = company.stop()
        assert next(heard.notifies(timeout=30)).payload == str(made), "and none of the one that was rolled back"


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ({"whom": "some", "reason": "x"}, "Choose at least one place below."),
        ({"whom": "some", "sites": "Atlantis", "reason": "x"}, "Choose from the list."),
        ({"whom": "some", "departments": "Alchemy", "reason": "x"}, "Choose from the list."),
        ({"whom": "nobody", "reason": "x"}, "Choose from the list."),
        ({"whom": "friends", "reason": "x"}, "Choose from the list."),
        ({"whom": "everybody", "reason": " "}, "Say why, in a sentence."),
        ({"whom": "everybody", "reason": "x" * 501}, "Use at most 500 characters."),
        ({"reason": ""}, "Say why, in a sentence."),
    ],
)
@pytest.mark.parametrize("path", ["", "/check"])
def test_a_form_that_says_too_little(company: Company, form: dict[str, object], words: str, path: str) -> None:
    before = company.one("SELECT count(*) FROM stop")
    answer = company.of("council").post(f"/council/stops{path}", form)
    assert answer.status_code == 422
    page = answer.get_data(as_text=True)
    assert "<title>Error: " in page
    assert words in page.partition('id="to-mend"')[2].partition("</ul>")[0]
    assert company.one("SELECT count(*) FROM stop") == before


def test_the_same_people_are_not_stopped_twice(company: Company, person: Callable[..., UUID]) -> None:
    first = company.stop("officer")
    assert company.stop("council") == first
    assert company.one("SELECT count(*) FROM stop WHERE sites = %s", [company.site]) == 1
    site = f"Other {uuid4()}"
    for _ in range(10):
        person("Ben Oduya", site=site)
    both = company.of("council").post(
        "/council/stops", {"whom": "some", "sites": [site, company.site], "reason": "More."}
    )
    assert both.headers["Location"].rsplit("/", 1)[1] != str(first), "a wider one is another"
    assert company.stop("officer", site) == UUID(both.headers["Location"].rsplit("/", 1)[1])


def test_P03_two_signatures_end_it(company: Company) -> None:
    stop = company.stop()
    assert company.hand_in("officer", stop, company.signed(stop, "officer")).status_code == 303
    assert company.one("SELECT resumed_at FROM stop WHERE id = %s", stop) is None
    page = company.of("council").get(f"/council/stops/{stop}").get_data(as_text=True)
    assert page.count("has signed") == 1
    file = {"file": (io.BytesIO(company.signed(stop, "council")), "signed.json")}
    answer = company.of("council").post(f"/council/stops/{stop}/resume", dict(file))
    assert answer.status_code == 303
    assert company.one("SELECT resumed_at IS NOT NULL FROM stop WHERE id = %s", stop)
    envelope = company.one("SELECT resume_envelope FROM stop WHERE id = %s", stop).encode()
    assert envelope == company.signed(stop, "officer", "council"), "as if both had signed at once"
    actions_logged = company.superuser.execute(
        "SELECT action, actor_role FROM audit_entry WHERE object_id = %s ORDER BY id", [stop]
    ).fetchall()
    assert actions_logged == [
        ("stop.begun", "privacy_officer"),
        ("stop.resume_signed", "privacy_officer"),
        ("stop.ended", "works_council"),
    ]
    late = company.hand_in("officer", stop, company.signed(stop, "officer"))
    assert late.status_code == 422
    assert "has ended already" in late.get_data(as_text=True)


def test_P03_both_at_once_and_one_twice(company: Company) -> None:
    stop = company.stop()
    for _ in range(2):
        assert company.hand_in("council", stop, company.signed(stop, "council")).status_code == 303
        assert company.one("SELECT resumed_at FROM stop WHERE id = %s", stop) is None
    assert company.hand_in("council", stop, company.signed(stop, "officer", "council")).status_code == 303
    assert company.one("SELECT resumed_at IS NOT NULL FROM stop WHERE id = %s", stop)


def test_P03_what_does_not_end_it(company: Company, person: Callable[..., UUID]) -> None:
    site = f"Other {uuid4()}"
    for _ in range(10):
        person("Ben Oduya", site=site)
    stop, other = company.stop(), company.stop(site=site)
    good = company.signed(stop, "officer", "council")
    forged = json.loads(good)
    forged["signatures"][0]["sig"] = forged["signatures"][1]["sig"]
    for given, words in (
        (b"", "no signature"),
        (b"hello", "not the document"),
        (b"{}", "not the document"),
        (company.of("officer").get(f"/officer/stops/{stop}/resume.json").data, "no signature"),
        (documents.sign(documents.read(Resume, dsse.payload_of(good)), []), "no signature"),
        (company.signed(other, "officer", "council"), "not the document"),
        (company.signed(stop, "lease", "vault"), "not one that devices trust"),
        (company.signed(stop, "officer", "lease"), "not one that devices trust"),
        (json.dumps(forged, separators=(",", ":"), sort_keys=True).encode(), "not one that devices trust"),
        (documents.sign(company.organisation.trust(), [company.organisation.officer]), "not the document"),
    ):
        answer = company.hand_in("officer", stop, given)
        page = answer.get_data(as_text=True)
        assert answer.status_code == 422
        assert words in page, given[:80]
        assert company.one("SELECT resume_envelope FROM stop WHERE id = %s", stop) is None
    for desk in DESKS:
        assert company.of(desk).post(f"/{desk}/stops/{stop}/resume", {"signed": "ü" * 9}).status_code == 422


def test_the_officer_sees_each_device_that_was_not_reached(company: Company) -> None:
    stop = company.stop()
    company.devices(stop, 4, 3)
    page = company.of("officer").get(f"/officer/stops/{stop}")
    text = page.get_data(as_text=True)
    assert "3 of 4 devices have stopped." in text, text[text.index('id="effect"') :][:900]
    assert "Laptop 3" in text
    assert company.site in text
    assert "Laptop 2" not in text
    assert statements(page) <= 12
    assert 'hx-trigger="every 1s"' in text


def test_as_long_as_the_gateway_has_not_heard_of_it_nothing_is_said_of_devices(company: Company) -> None:
    stop = company.stop()
    text = company.of("officer").get(f"/officer/stops/{stop}").get_data(as_text=True)
    assert "The devices are being told now." in text
    assert 'hx-trigger="every 1s"' in text
    company.superuser.execute("UPDATE stop SET envelope = '{}' WHERE id = %s", [stop])
    company.superuser.commit()
    text = company.of("officer").get(f"/officer/stops/{stop}").get_data(as_text=True)
    assert "No device had a permit to record at that moment." in text
    assert "every 1s" not in text


def test_D01_the_council_sees_no_device_and_no_small_number(company: Company) -> None:
    few = company.stop()
    company.devices(few, 9, 8)
    text = company.of("council").get(f"/council/stops/{few}").get_data(as_text=True)
    assert "alone or beside another stop it would tell of fewer than ten" in text
    assert "Laptop" not in text
    company.devices(few, 21, 21)
    text = company.of("council").get(f"/council/stops/{few}").get_data(as_text=True)
    assert "30 devices are concerned. Fewer than ten of them" in text
    assert "Laptop" not in text
    company.devices(few, 10, 0)
    text = company.of("council").get(f"/council/stops/{few}").get_data(as_text=True)
    assert "29 of 40 devices have stopped." in text
    assert "Laptop" not in text


def test_D01_the_database_itself_gives_the_council_no_small_number(company: Company, database: Database) -> None:
    stop = company.stop()
    company.devices(stop, 30, 25)
    told = {}
    for login, who in (("web_council", company.clara), ("web_officer", company.omar)):
        with database.transaction(login, who) as session:
            found = session.connection().exec_driver_sql("SELECT * FROM stop_effect(%s)", (stop,))
            told[login] = dict(found.mappings().one())
    assert told["web_officer"]["unreached"] == 5
    council = told["web_council"]
    assert (council["devices"], council["stopped"], council["unreached"], council["last_ms"]) == (30, None, None, None)
    shown = [share for share, ms in enumerate(council["steps"], 1) if ms is not None]
    places = {-(-30 * share // 100) for share in shown}
    assert min(places) >= 10
    assert max(places) <= 20, "nothing from which the five could be told"
    with database.transaction("web_council", company.clara) as session, pytest.raises(Exception, match="permission"):
        session.connection().exec_driver_sql("SELECT * FROM stop_unreached(%s, 5)", (stop,))


def test_the_part_that_changes_stops_asking(company: Company) -> None:
    stop = company.stop()
    company.devices(stop, 2, 1, lease=timedelta(seconds=-1))
    text = company.of("officer").get(f"/officer/stops/{stop}/effect").get_data(as_text=True)
    assert "<html" not in text
    assert "hx-trigger" not in text, "who has no permit any more cannot be recording"
    assert "it has stopped by itself" in text


@pytest.mark.parametrize("name", ["record.csv", "record.json"])
def test_a_record_that_is_not_made_yet(company: Company, name: str) -> None:
    stop = company.stop()
    assert company.of("council").get(f"/council/stops/{stop}/{name}").status_code == 409


def test_everybody_concerned_sees_it_on_every_page(company: Company) -> None:
    before = company.as_(company.amira).get("/")
    assert "Stopped for all" not in before.get_data(as_text=True)
    stop = company.stop("council", reason="Tax <b>numbers</b>.")
    for path in ("/", "/data", "/looks", "/settings"):
        text = company.as_(company.amira).get(path).get_data(as_text=True)
        assert "Stopped for all" in text, path
        assert "the works council" in text, path
        assert "Tax &lt;b&gt;numbers&lt;/b&gt;." in text, path
    page = company.as_(company.amira).get("/")
    assert f"Recording is stopped for {company.site}." in page.get_data(as_text=True)
    assert statements(page) <= 12
    assert "Stopped for all" not in company.as_(company.hana).get("/").get_data(as_text=True), "another site"
    company.hand_in("officer", stop, company.signed(stop, "officer", "council"))
    assert "Stopped for all" not in company.as_(company.amira).get("/").get_data(as_text=True)


def test_a_device_of_ones_own_goes_from_stopping_to_stopped(company: Company) -> None:
    stop = company.stop()
    (device,) = company.devices(stop, 1, 0)
    company.superuser.execute("UPDATE device SET last_seen_at = now() WHERE id = %s", [device])
    company.superuser.execute(
        "INSERT INTO lease_span (id, employee_id, devices, policy, directive, key_id, permitted, started_at, "
        "valid_until) SELECT gen_random_uuid(), %s, ARRAY[%s::uuid], hash, 0, gen_random_uuid(), "
        "'{\"key\": [\"vscode\"]}', now(), now() + interval '2 minutes' FROM policy LIMIT 1",
        [company.amira, device],
    )
    company.superuser.commit()
    text = company.as_(company.amira).get("/").get_data(as_text=True)
    assert "Your device is stopping." in text
    assert 'hx-trigger="every 1s"' in text
    company.answer(stop, device, clock.now())
    company.superuser.commit()
    text = company.as_(company.amira).get("/state", headers={"HX-Request": "true"}).get_data(as_text=True)
    assert f"Recording is stopped for {company.site}." in text
    assert "every 1s" not in text
