"""What is pure about a stop: whom it covers, its curve, and what the record says."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import uuid4

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from portal.agents.rules import DeviceFacts
from portal.home.rules import DeviceLine, bar, device_lines
from portal.policies.rules import Workplace, is_for
from portal.stops import records, rules
from portal.stops.rules import Effect, Halt
from tests.wire import samples
from wire import documents, dsse
from wire.documents import Signer, Stop, Trust, TrustedKey
from wire.policy import Audience
from wire.stopping import resume_of

NOW = datetime(2026, 11, 29, 12, 0, tzinfo=UTC)
PLACES = st.one_of(st.none(), st.lists(st.sampled_from("abc"), min_size=1, unique=True).map(tuple))
AUDIENCES = st.builds(Audience, PLACES, PLACES, PLACES)
WORKPLACES = st.builds(Workplace, *(st.sampled_from("abcd"),) * 3)
STEPS = st.lists(st.integers(0, 10**7), max_size=100).map(sorted)


def test_whom_a_stop_covers() -> None:
    everybody = Audience(None, None, None)
    berlin, lab = Audience(("Berlin",), None, None), Audience(("Berlin",), ("Lab",), None)
    assert rules.covers(everybody, everybody)
    assert rules.covers(everybody, berlin)
    assert rules.covers(Audience(("Berlin", "Lisbon"), None, None), berlin)
    assert rules.covers(berlin, lab)
    assert not rules.covers(berlin, everybody)
    assert not rules.covers(berlin, Audience(("Berlin", "Lisbon"), None, None))
    assert not rules.covers(lab, berlin), "the others in Berlin are not stopped"
    assert not rules.covers(berlin, Audience(None, ("Lab",), None)), "the Lab is elsewhere, too"


@given(AUDIENCES, AUDIENCES, WORKPLACES)
def test_whom_the_smaller_stop_holds_the_one_that_covers_it_holds_too(
    large: Audience, small: Audience, where: Workplace
) -> None:
    if rules.covers(large, small) and is_for(small, where):
        assert is_for(large, where)


@given(AUDIENCES, AUDIENCES, AUDIENCES)
def test_covering_is_transitive(one: Audience, two: Audience, three: Audience) -> None:
    assert rules.covers(one, one)
    if rules.covers(one, two) and rules.covers(two, three):
        assert rules.covers(one, three)


@given(STEPS)
def test_the_curve_stays_in_its_frame(steps: list[int]) -> None:
    whole = (*steps, *[None] * (100 - len(steps)))
    drawn = rules.curve(Effect(100, len(steps), 100 - len(steps), 0, 0, None, whole))
    if not steps:
        assert drawn is None
        return
    assert drawn is not None
    places = [place.split() for place in drawn.path.removeprefix("M").split("L")]
    assert all(0 <= float(x) <= rules.WIDTH and 0 <= float(y) <= rules.HEIGHT for x, y in places)
    assert [float(x) for x, _ in places] == sorted(float(x) for x, _ in places)
    assert len(drawn.marks) == (len(steps) >= 50) + (len(steps) >= 95)
    assert "nan" not in drawn.area


def facts(*, leased: bool, permitted: bool = True) -> DeviceFacts:
    until = NOW + timedelta(minutes=1) if leased else NOW - timedelta(minutes=1)
    scope: dict[str, tuple[str, ...]] = {"key": ("vscode",)} if permitted else {}
    return DeviceFacts(uuid4(), "Laptop", True, NOW, until, scope, 1)


def test_the_pill_under_a_stop() -> None:
    on, off, told = facts(leased=True), facts(leased=False), facts(leased=True, permitted=False)
    halt = Halt(1, "works_council", "A leak.", "", NOW, frozenset())

    def shown(*known: DeviceFacts, halts: list[Halt]) -> tuple[list[str], str]:
        lines: list[DeviceLine] = device_lines(list(known), None, NOW, halts)
        return [line.status for line in lines], bar(lines, None, halts).status

    assert shown(on, off, halts=[]) == (["recording", "off"], "recording")
    assert shown(on, off, told, halts=[halt]) == (["stopping", "off", "stopped"], "stopping")
    answered = replace(halt, answered=frozenset({on.id}))
    assert shown(on, off, halts=[answered]) == (["stopped", "off"], "stopped")
    assert shown(halts=[halt]) == ([], "stopped")


def test_the_record_as_a_table_tells_all_and_starts_no_formula() -> None:
    record = replace(samples.RECORD, reason="=HYPERLINK(1)")
    rows = dict(row for row in records.table(record))
    assert rows["reason"] == "'=HYPERLINK(1)"
    assert rows["audience"] == "berlin"
    assert rows[50] == 180
    assert rows["answered"] == ""
    assert str(rows["stopped"]).startswith("2027-01-15T08:00:00")


def test_P03_a_stop_ends_by_the_highest_quorum_however_many_have_signed() -> None:
    officers, council = ([Ed25519PrivateKey.generate() for _ in range(count)] for count in (3, 6))
    held = [*((Signer.OFFICER, key) for key in officers), *((Signer.COUNCIL, key) for key in council)]
    trust = Trust(1, 1, tuple(TrustedKey(role, dsse.raw_public(key)) for role, key in held), quorum=6)
    end, known, signers = resume_of(Stop(uuid4(), 1, 1, None)), None, frozenset[Signer]()
    for _, key in held:
        assert Signer.COUNCIL not in signers
        known, signers = rules.gathered(end, known, documents.sign(end, [key]), trust)
    assert signers == {Signer.OFFICER, Signer.COUNCIL}
