"""The officer's pages: who may, what is kept, what a second tab meets, what submitting freezes (P03)."""

import io
import re
import sys
from datetime import timedelta
from typing import Any

import pytest

from portal.core import clock
from portal.policies.drafts import bench
from portal.policies.drafts.bench import BenchError
from tests.policies.conftest import DESK, Office, fields
from tests.web_client import statements
from wire import canonical, codec, difference, documents, dsse
from wire.documents import Kind
from wire.policy import Policy

OTHERS = ("amira", "hana", "clara")
PAGES = ("", "/edit", "/yaml", "/policy.yaml", "/bench")
ACTS = ("edit", "rows", "as-new", "yaml", "submit", "withdraw", "copy", "bench")
NOBODYS = f"{DESK}/00000000-0000-4000-8000-000000000000"


def content(office: Office, path: str) -> Policy:
    return codec.from_value(Policy, canonical.decode(office.row(path)["content"].encode()))


def test_only_the_privacy_office_sees_policies_being_written(office: Office) -> None:
    path = office.draft()
    for page in (DESK, *(f"{path}{part}" for part in PAGES)):
        assert office.as_("").get(page).status_code == 303
        for who in OTHERS:
            assert office.as_(who).get(page).status_code == 403, (who, page)
        answer = office.as_("omar").get(page)
        assert answer.status_code == 200
        assert statements(answer) <= 12
    assert 'aria-current="true">Privacy office' in office.as_("olga").get(DESK).text


@pytest.mark.parametrize("act", ACTS)
def test_only_the_privacy_office_changes_them(office: Office, act: str) -> None:
    path = office.draft()
    before = office.row(path)
    sent: dict[str, Any] = office.form(path) | {"text": ["x"]}
    client, own = office.as_("")._client, {"Origin": "https://localhost"}
    nobody = client.post(f"{path}/{act}", data=sent, base_url="https://localhost", headers=own)
    assert nobody.status_code == 401
    for who in OTHERS:
        assert office.as_(who).post(f"{path}/{act}", sent).status_code == 403, who
    client = office.as_("omar")._client
    assert client.post(f"{path}/{act}", data=sent, base_url="https://localhost", headers=own).status_code == 400
    foreign = client.post(
        f"{path}/{act}", data=sent, base_url="https://localhost", headers={"Origin": "https://evil.example"}
    )
    assert foreign.status_code == 403
    assert office.as_("omar").post(f"{NOBODYS}/{act}", sent).status_code == 404
    assert office.row(path) == before
    if act in {"submit", "withdraw", "edit", "yaml"}:
        assert office.as_("omar").post(f"{path}/{act}", {}).status_code == 400, "no revision"
    if act not in {"edit", "yaml", "bench"}:
        assert office.as_("omar").get(f"{path}/{act}").status_code == 405
    assert office.row(path) == before


def test_a_draft_that_is_not_there_is_not_found(office: Office) -> None:
    for page in PAGES:
        assert office.as_("omar").get(f"{NOBODYS}{page}").status_code == 404


def test_a_draft_begins_with_a_published_policy_or_the_one_that_ships(office: Office) -> None:
    assert office.as_("omar").post(DESK, {"source": "99"}).status_code == 400
    assert office.as_("omar").post(DESK, {"source": "default", "title": ""}).status_code == 303
    page = office.as_("omar").get(DESK).text
    assert "New policy of 20" in page
    path = office.draft(title="<b>Hello</b>")
    assert "&lt;b&gt;Hello" in office.as_("omar").get(path).text
    assert office.row(path)["replaces_version"] == 1
    assert office.logged(path) == ["policy_draft.created by privacy_officer"]


def test_what_the_form_shows_is_what_it_saves(office: Office) -> None:
    path = office.draft()
    before = content(office, path)
    answer = office.save(path)
    assert answer.status_code == 303, answer.text
    assert content(office, path) == before
    assert office.row(path)["revision"] == 2


def test_less_needs_the_officer_and_more_the_council_too(office: Office) -> None:
    path = office.draft()
    assert office.save(path, rules__screenshot__interval_s="600", redaction=None).status_code == 303
    page = office.as_("omar").get(path).text
    assert "Screenshots: less often, every 10 minutes instead of 5 minutes." in page
    assert "you and the works council sign" in page
    assert "The policy no longer asks to black out" in page
    kept = ["credentials", "bank", "tax", "health", "email"]
    assert office.save(path, redaction=kept).status_code == 303
    page = office.as_("omar").get(path).text
    assert "your signature is enough" in page
    assert "e-mail addresses" in page
    office.superuser.execute("UPDATE employee SET locale = 'de' WHERE id = %s", [office.people["omar"]])
    office.superuser.commit()
    german = office.as_("omar").get(path).text
    assert "Bildschirmfotos: seltener, Abstand 10 Minuten statt 5 Minuten." in german


def test_each_mistake_is_said_at_its_field_and_nothing_is_lost(office: Office) -> None:
    path = office.draft()
    before = office.row(path)
    answer = office.save(
        path, title=" ", max_sensitivity="9", rules__key__sampling="many", ends="", contexts__0__sites="not a host"
    )
    assert answer.status_code == 422
    for field in ("title", "max_sensitivity", "rules.key.sampling", "ends", "contexts.0.sites"):
        assert f'id="f-{field}-error"' in answer.text
        assert f'href="#f-{field}"' in answer.text
    assert fields(answer.text, "/edit")["rules.key.sampling"] == ["many"]
    unfolded = re.findall(r'<details class="fold part" open><summary><strong>([^<]+)', answer.text)
    assert unfolded == ["Visual Studio Code", "What people type"], "what is marked is seen without unfolding anything"
    assert fields(answer.text, "/edit")["contexts.0.sites"][0].strip() == "not a host"
    assert office.row(path) == before


def test_dates_that_are_over_are_refused(office: Office) -> None:
    path = office.draft()
    answer = office.save(path, ends="2020-01-01T00:00")
    assert answer.status_code == 422
    assert "This moment is over" in answer.text
    assert "This moment is over" in office.save(path, begins="2020-01-01T00:00").text


def test_rows_come_and_go_without_javascript_and_without_saving(office: Office) -> None:
    path = office.draft()
    before = office.row(path)
    filled: dict[str, Any] = office.form(path)
    more = office.as_("omar").post(f"{path}/rows", filled | {"add": "1", "title": "Typed meanwhile"})
    assert more.status_code == 200
    form = fields(more.text, "/edit")
    assert form["contexts.8.id"] == [""]
    assert form["title"] == ["Typed meanwhile"]
    fewer = fields(office.as_("omar").post(f"{path}/rows", filled | {"remove": "0"}).text, "/edit")
    assert fewer["contexts.0.id"] == ["terminal"]
    assert "vscode" not in fewer["rules.key.contexts"]
    assert office.row(path) == before
    # What was added can be chosen for a kind as soon as it has a short name, and is saved with the rest.
    form["contexts.8.id"], form["contexts.8.name"], form["contexts.8.apps"] = ["mail"], ["Mail"], ["thunderbird"]
    again = fields(office.as_("omar").post(f"{path}/rows", dict(form) | {"again": "1"}).text, "/edit")
    assert 'value="mail"' in office.as_("omar").post(f"{path}/rows", dict(form) | {"again": "1"}).text
    again["rules.window.contexts"].append("mail")
    assert office.as_("omar").post(f"{path}/edit", dict(again)).status_code == 303
    assert content(office, path).contexts[-1].name == "Mail"
    assert content(office, path).permitted()[Kind.WINDOW][-1] == "mail"


def test_a_second_tab_is_told_and_loses_nothing(office: Office) -> None:
    path = office.draft()
    tab: dict[str, Any] = office.form(path)
    assert office.save(path, "olga", rules__key__retention_days="7").status_code == 303
    mine = tab | {"rules.click.retention_days": "9", "title": "Mine"}
    late = office.as_("omar").post(f"{path}/edit", mine)
    assert late.status_code == 409
    assert "Changed meanwhile" in late.text
    assert "What people type: kept longer, 30 days instead of 7 days." in late.text
    assert content(office, path).rule(Kind.KEY).retention_days == 7  # type: ignore[union-attr]
    form = fields(late.text, "/edit")
    assert (form["title"], form["rules.click.retention_days"]) == (["Mine"], ["9"])
    kept = office.as_("omar").post(f"{path}/as-new", dict(form))
    assert kept.status_code == 303
    other = str(kept.headers["Location"])
    assert office.row(other)["title"] == "Mine"
    assert office.as_("omar").post(f"{path}/edit", dict(form)).status_code == 303, "told, and saved again"
    assert content(office, path).rule(Kind.CLICK).retention_days == 9  # type: ignore[union-attr]


def test_a_draft_submitted_meanwhile_keeps_its_words_and_the_other_tab_its_own(office: Office) -> None:
    path = office.draft()
    tab: dict[str, Any] = office.form(path)
    assert office.act(path, "submit").status_code == 303
    frozen = office.row(path)["content"]
    late = office.as_("olga").post(f"{path}/edit", tab | {"title": "Olga's"})
    assert late.status_code == 409
    assert "Olga&#39;s" in late.text
    again = office.as_("olga").post(f"{path}/edit", dict(fields(late.text, "/edit")))
    assert again.status_code == 409
    assert office.row(path)["content"] == frozen
    assert office.as_("olga").get(f"{path}/edit").status_code == 303


def test_P03_submitting_freezes_the_document_with_the_hash_of_its_difference(office: Office) -> None:
    path = office.draft()
    office.save(path, max_sensitivity="3")
    assert office.act(path, "submit").status_code == 303
    policy, row = content(office, path), office.row(path)
    base = office.superuser.execute("SELECT envelope FROM policy WHERE version = 1").fetchone()
    office.superuser.rollback()
    assert base
    old = documents.read(Policy, dsse.payload_of(base[0].encode()))
    assert policy.version > old.version
    assert policy.difference == difference.digest(old, policy)
    assert policy.issued == policy.not_before > old.issued
    assert (row["state"], row["replaces_version"]) == ("submitted", 1)
    page = office.as_("omar").get(path).text
    assert policy.difference in page
    assert "Edit" not in re.findall(r"<button[^>]*>([^<]+)", page)
    assert office.logged(path)[-1] == "policy_draft.submitted by privacy_officer"
    assert office.act(path, "submit").status_code == 409
    second = office.draft()
    assert office.act(second, "submit").status_code == 303
    assert content(office, second).version == policy.version + 1


def test_more_that_begins_before_people_can_be_told_is_refused_as_it_is_submitted(office: Office) -> None:
    path = office.draft()
    assert office.save(path, rules__key__retention_days="365").status_code == 303
    answer = office.act(path, "submit")
    assert answer.status_code == 422
    assert "begins 24 hours after the last signature at the earliest" in answer.text
    assert office.row(path)["state"] == "draft"
    found = re.search(r"As of now that is (\S+) (\S+) UTC", answer.text)
    assert found
    soon = f"{clock.now() + timedelta(hours=23):%Y-%m-%dT%H:%M}"
    assert office.save(path, begins=soon).status_code == 303
    assert office.act(path, "submit").status_code == 422
    later = f"{clock.now() + timedelta(hours=24, minutes=5):%Y-%m-%dT%H:%M}"
    assert later >= "T".join(found.groups())
    assert office.save(path, begins=later).status_code == 303
    assert office.act(path, "submit").status_code == 303


def test_the_database_keeps_a_submitted_draft_as_it_is(office: Office) -> None:
    path = office.draft()
    office.act(path, "submit")
    with pytest.raises(Exception, match="does not change"):
        office.superuser.execute("UPDATE policy_draft SET content = '{}' WHERE id = %s", [path.rpartition("/")[2]])
    office.superuser.rollback()


def test_withdrawing_ends_it_and_a_copy_begins_anew(office: Office) -> None:
    path = office.draft()
    office.act(path, "submit")
    stale = office.as_("omar").post(f"{path}/withdraw", {"seen": "1"})
    assert stale.status_code == 409
    assert "decide anew" in stale.text
    assert office.act(path, "withdraw").status_code == 303
    assert office.row(path)["state"] == "withdrawn"
    assert office.act(path, "withdraw").status_code == 409
    copied = office.as_("omar").post(f"{path}/copy", {})
    assert copied.status_code == 303
    new = str(copied.headers["Location"]).removesuffix("/edit")
    assert str(office.row(new)["parent_id"]) == path.rpartition("/")[2]
    assert content(office, new).difference == ""


def test_withdrawing_asks_first_without_a_script(office: Office) -> None:
    path = office.draft()
    page = office.as_("omar").get(path).text
    asked = page.partition('<details class="act" id="withdraw">')[2].partition("</details>")[0]
    assert "you can copy it to a new draft" in asked
    assert f'action="{path}/withdraw"' in asked
    assert page.count(f'action="{path}/withdraw"') == 1


def test_from_when_it_holds_is_said_before_anybody_signs(office: Office) -> None:
    path = office.draft()
    assert "from the last signature on" in office.as_("omar").get(path).text
    office.act(path, "submit")
    number = office.superuser.execute("SELECT number FROM policy_draft ORDER BY number DESC LIMIT 1").fetchone()
    assert number is not None
    sign = office.as_("omar").get(f"/officer/signing/{number[0]}").text
    assert "As soon as it has all its signatures" in sign


def test_moments_that_are_signed_in_utc_are_told_in_the_readers_time(office: Office) -> None:
    page = office.as_("omar").get(office.draft()).text
    changed = page.partition('<ul class="changes"')[2].partition("</ul>")[0]
    assert " UTC" in changed
    assert "Your time:" in changed


def test_wrong_yaml_says_error_in_the_title_and_at_the_top(office: Office) -> None:
    path = office.draft()
    sent = office.form(path)
    answer = office.as_("omar").post(f"{path}/yaml", {"seen": sent["seen"], "text": "kind: thoughts"})
    assert answer.status_code == 422
    assert "<title>Error: As YAML" in answer.text
    assert 'id="to-mend"' in answer.text
    assert "Line " in answer.text.partition('id="to-mend"')[2].partition("</ul>")[0]


def test_audiences_that_tie_are_refused_with_the_name_of_the_other(office: Office) -> None:
    first, second = office.draft(), office.draft()
    office.save(first, audience__sites="Berlin")
    assert office.act(first, "submit").status_code == 303
    version = content(office, first).version
    answer = office.save(second, audience__departments="Engineering")
    assert answer.status_code == 422
    assert f"Policy {version} is for some of the same people" in answer.text
    # Saved before the other was submitted: then submitting says it.
    third = office.draft()
    office.act(first, "withdraw")
    assert office.save(third, audience__departments="Engineering").status_code == 303
    fourth = office.draft()
    office.save(fourth, audience__sites="Berlin")
    assert office.act(fourth, "submit").status_code == 303
    answer = office.act(third, "submit")
    assert answer.status_code == 422
    assert "is for some of the same people" in answer.text
    assert office.row(third)["state"] == "draft"


def test_an_audience_of_nobody_is_pointed_out(office: Office) -> None:
    path = office.draft()
    assert "people who work here now are touched" in office.as_("omar").get(path).text
    office.save(path, audience__sites="Atlantis")
    assert "Nobody who works here now is touched" in office.as_("omar").get(path).text


def test_yaml_goes_out_and_comes_back_by_box_and_by_file(office: Office) -> None:
    path = office.draft()
    before = content(office, path)
    file = office.as_("omar").get(f"{path}/policy.yaml")
    assert file.headers["Content-Type"].startswith("application/yaml")
    assert "attachment" in file.headers["Content-Disposition"]
    sent: dict[str, Any] = {"seen": "1", "text": file.text.replace("\n", "\r\n")}
    assert office.as_("omar").post(f"{path}/yaml", sent).status_code == 303
    assert content(office, path) == before
    upload = io.BytesIO(file.text.replace("max_sensitivity: 4", "max_sensitivity: 2").encode())
    given: dict[str, Any] = {"seen": "2", "text": "ignored: true", "file": (upload, "policy.yaml")}
    assert office.as_("omar").post(f"{path}/yaml", given).status_code == 303
    assert content(office, path).max_sensitivity == 2
    stale = office.as_("olga").post(f"{path}/yaml", {"seen": "2", "text": file.text + "# Olga\n"})
    assert stale.status_code == 409
    assert "# Olga" in stale.text
    assert content(office, path).max_sensitivity == 2


def test_P03_yaml_holds_the_rings_and_their_gate(office: Office) -> None:
    path, omar = office.draft(), office.as_("omar")
    text = omar.get(f"{path}/policy.yaml").text
    usual = "rollout: {rings: '100', most_failed: 5, least_applied: 80}\n"
    assert text.endswith(usual)
    chosen = text.replace(usual, "rollout: {rings: '1, 10, 100', most_failed: 2, least_applied: 95}\n")
    assert omar.post(f"{path}/yaml", {"seen": "1", "text": chosen}).status_code == 303
    assert omar.get(f"{path}/policy.yaml").text == chosen
    row = office.row(path)
    assert [row[name] for name in ("rings", "most_failed", "least_applied")] == [[1, 10, 100], 2, 95]
    assert "The rings 1, 10, 100 are not used" in omar.get(path).text, "it asks for no more, so nobody waits"
    without = chosen.replace(chosen.splitlines()[-1] + "\n", "")
    assert omar.post(f"{path}/yaml", {"seen": "2", "text": without}).status_code == 303
    assert omar.get(f"{path}/policy.yaml").text == chosen, "a text without that part leaves it as it is"


@pytest.mark.parametrize(
    ("part", "said"),
    [
        ("{rings: '10, 1', most_failed: 5, least_applied: 80}", "Rings: Each percentage is larger"),
        ("{rings: '100', most_failed: 51, least_applied: 80}", "Refusals that halt it: A whole percentage from 0"),
        ("{rings: '100', most_failed: 5, least_applied: 0}", "Obeying before it goes on: A whole percentage from 1"),
        ("{rings: [1, 100], most_failed: 5, least_applied: 80}", "Rings: "),
        ("{rings: '100', most_failed: 5}", "Obeying before it goes on: "),
        ("{rings: '100', most_failed: 5, least_applied: 80, x: 1}", "Line "),
        ("later", "Rings: "),
    ],
)
def test_rings_in_yaml_that_cannot_be_are_said_with_their_line(office: Office, part: str, said: str) -> None:
    path, omar = office.draft(), office.as_("omar")
    text = omar.get(f"{path}/policy.yaml").text
    lines = text.splitlines()
    wrong = "\n".join([*lines[:-1], f"rollout: {part}"])
    answer = omar.post(f"{path}/yaml", {"seen": "1", "text": wrong})
    assert answer.status_code == 422
    assert f"Line {len(lines)}" in answer.text
    assert said in answer.text
    assert office.row(path)["revision"] == 1


def test_yaml_mistakes_are_said_with_their_lines(office: Office) -> None:
    path = office.draft()
    text = office.as_("omar").get(f"{path}/policy.yaml").text
    line = text.splitlines().index("max_sensitivity: 4") + 1
    wrong = text.replace("max_sensitivity: 4", "max_sensitivity: lots")
    answer = office.as_("omar").post(f"{path}/yaml", {"seen": "1", "text": wrong})
    assert answer.status_code == 422
    assert f"Line {line}, Highest sensitivity: Here a whole number is expected." in answer.text
    assert "max_sensitivity: lots" in answer.text
    answer = office.as_("omar").post(f"{path}/yaml", {"seen": "1", "text": "a: &a [1]\nb: *a"})
    assert "Line 1: References" in answer.text
    assert office.row(path)["revision"] == 1


def test_the_bench_runs_the_collectors_own_redaction(office: Office) -> None:
    path = office.draft()
    office.save(path, max_sensitivity="3")
    sample = "Plain words\nIBAN DE89 3704 0044 0532 0130 00\nMy depression got worse."
    answer = office.as_("omar").post(f"{path}/bench", {"text": sample})
    assert answer.status_code == 200
    page = re.sub(r"<[^>]+>", " ", answer.text)
    assert "IBAN ████ ████ ████ ████ ████ ██" in page
    assert "account numbers" in page
    assert "4 special category" in page
    assert page.count("not kept at all") == 1
    assert answer.headers["Cache-Control"] == "no-store"


def test_the_bench_says_what_it_cannot_do(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    path = office.draft()
    assert office.as_("omar").post(f"{path}/bench", {"text": " \n"}).status_code == 422
    assert office.as_("omar").post(f"{path}/bench", {"text": "x" * 10_001}).status_code == 422
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    answer = office.as_("omar").post(f"{path}/bench", {"text": "my secret sample"})
    assert answer.status_code == 503
    assert "did not answer" in answer.text


def test_nothing_of_a_sample_is_stored_or_logged(office: Office, capfd: pytest.CaptureFixture[str]) -> None:
    path = office.draft()
    before = office.row(path)
    office.as_("omar").post(f"{path}/bench", {"text": "quokka password is hunter22"})
    assert office.row(path) == before
    assert office.logged(path) == ["policy_draft.created by privacy_officer"]
    with pytest.raises(BenchError) as caught:
        bench._ask(b'{"text": "quokka"}')
    assert "quokka" not in repr(caught.value)
    assert caught.value.__cause__ is None
    told = capfd.readouterr()
    assert "quokka" not in told.out + told.err
