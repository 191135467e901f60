"""The signing file and `python -m portal sign` where sites have works councils of their own (P01, P03)."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from playwright.sync_api import Browser, Page

from portal.signing import build, bundle
from tests.signing.test_signing import RESUMES, command, take
from tests.wire.samples import BERLIN, BERLIN_2, COUNCIL, COUNCILS, MUNICH, NOW, OFFICER, POLICY, SECOND, TRUST
from wire import canonical, codec, difference, documents, dsse
from wire.documents import Signer, Trust
from wire.policy import Audience, Policy
from wire.stopping import Resume

Opened = Callable[..., Page]

MORE_TRUST = {
    "councils come": (TRUST, replace(COUNCILS, version=2)),
    "councils stay": (COUNCILS, replace(COUNCILS, version=2, issued=NOW + 1)),
    "a quorum ends": (COUNCILS, replace(COUNCILS, version=2, quorum=None)),
    "a key changes its council": (
        replace(COUNCILS, quorum=None),
        replace(COUNCILS, version=2, quorum=None,
                keys=tuple(replace(key, site="Berlin") if key.public_key == dsse.raw_public(MUNICH) else key
                           for key in COUNCILS.keys)),
    ),
}  # fmt: skip


def of_councils(document: Policy | Resume | Trust, trust: Trust = COUNCILS, old: Policy | None = None) -> str:
    """The file to sign where sites have councils of their own."""
    keys = [key for key in (OFFICER, COUNCIL, SECOND) if dsse.raw_public(key) in {one.public_key for one in trust.keys}]
    before = documents.sign(old, [OFFICER]).decode() if old else None
    payload = canonical.encode(codec.to_value(document))
    return bundle.written(document.TYPE, payload, before, documents.sign(trust, keys).decode())


def wider_for(*sites: str) -> Policy:
    """A wider policy for these sites."""
    return difference.stated(None, replace(POLICY, audience=Audience(sites or None, None, None)))


DECIDED = {
    "everybody": (wider_for(), COUNCIL, "2 keys of the works council.", "2 Schlüssel des Betriebsrats müssen"),
    "two sites": (
        wider_for("Berlin", "München"),
        SECOND,
        "2 keys of the works council.",
        "2 Schlüssel des Betriebsrats ",
    ),
    "another site": (wider_for("Lisbon"), SECOND, "2 keys of the works council.", "2 Schlüssel des Betriebsrats "),
    "a site": (wider_for("Berlin"), BERLIN, "2 keys of the works council of Berlin.", "des Betriebsrats von Berlin"),
    "a stop": (replace(RESUMES[0], sites=("München",)), MUNICH, "of the works council of München.", "von München"),
    "a stop of all": (RESUMES[1], COUNCIL, "2 keys of the works council.", "2 Schlüssel des Betriebsrats "),
}


@pytest.mark.parametrize(("document", "holder", "english", "german"), DECIDED.values(), ids=DECIDED)
def test_P03_both_ways_say_which_council_decides_and_take_no_other_ones_key(
    opened: Opened, tmp_path: Path, document: Policy | Resume, holder: Ed25519PrivateKey, english: str, german: str
) -> None:
    text, page = of_councils(document), opened()
    whole = bundle.read(text)
    assert english in whole.verdict("en")
    assert german in whole.verdict("de")
    page.click("button[data-language=en]")
    take(page, text, tmp_path)
    assert page.inner_text("#verdict") == whole.verdict("en")
    page.click("button[data-language=de]")
    assert page.inner_text("#verdict") == whole.verdict("de")
    for key in (OFFICER, COUNCIL, SECOND, BERLIN, MUNICH):
        signer, name = (Signer.OFFICER if key is OFFICER else Signer.COUNCIL), dsse.key_id(dsse.raw_public(key))
        mine = key is OFFICER or any(
            key in group and holder in group for group in ((COUNCIL, SECOND), (BERLIN,), (MUNICH,))
        )
        assert whole.may_hold(signer, name) is mine
        asked = "([signer, id]) => mayHold({ signer, id }, now.bundle)"
        assert page.evaluate(asked, [signer.value, name]) is mine


@pytest.mark.parametrize(("old", "new"), MORE_TRUST.values(), ids=MORE_TRUST)
def test_P03_what_changes_among_councils_is_said_alike(opened: Opened, tmp_path: Path, old: Trust, new: Trust) -> None:
    text, page = of_councils(new, old), opened()
    take(page, text, tmp_path)
    whole = bundle.read(text)
    for language in ("en", "de"):
        page.click(f"button[data-language={language}]")
        lines = [line.text for line in whole.lines(language)]
        assert [line[2:] for line in page.inner_text("#lines").splitlines() if line.strip()] == lines
        tones = page.evaluate("() => toldOf(now.bundle, now.language).lines.map((line) => line.tone)")
        assert tones == [line.tone for line in whole.lines(language)]
        assert page.inner_text("#verdict") == whole.verdict(language)
    said = {line.text for line in whole.lines("en")}
    if new.quorum is None and old.quorum:
        assert "Keys of a works council that must sign together: 1; before: 2." in said
    if old == TRUST:
        assert f"New key for works council of Berlin: {dsse.key_id(dsse.raw_public(BERLIN))[:16]}" in said


@pytest.mark.parametrize(
    "changed",
    [{"quorum": 1}, {"quorum": 3}, {"quorum": 7}, {"quorum": None}, {"quorum": "2"}, {"site": ""}, {"site": None},
     {"site": 1}, {"signer": "officer"}, {"more": 1}],
    ids=str,
)  # fmt: skip
def test_P01_a_trust_document_that_cannot_be_is_not_signed(
    opened: Opened, tmp_path: Path, changed: dict[str, object]
) -> None:
    value = codec.to_value(replace(COUNCILS, version=2))
    value = (
        value | changed if "quorum" in changed else value | {"keys": [*value["keys"][:-1], value["keys"][-1] | changed]}
    )
    trust = documents.sign(COUNCILS, [OFFICER, COUNCIL, SECOND]).decode()
    text = bundle.written(Trust.TYPE, canonical.encode(value), None, trust)
    with pytest.raises(bundle.BundleError):
        bundle.read(text)
    page = opened()
    take(page, text, tmp_path)
    assert page.is_visible("#bundle-problem")


def test_P01_a_file_whose_trust_document_lacks_a_second_key_is_refused(opened: Opened, tmp_path: Path) -> None:
    whole = json.loads(of_councils(wider_for()))
    for keys in ((OFFICER, COUNCIL), (OFFICER, COUNCIL, BERLIN), (OFFICER, BERLIN, MUNICH)):
        whole["trust"] = documents.sign(COUNCILS, keys).decode()
        text = canonical.encode(whole).decode()
        with pytest.raises(bundle.BundleError):
            bundle.read(text)
        page = opened()
        take(page, text, tmp_path)
        assert page.is_visible("#bundle-problem")


def test_the_command_says_whose_council_signed_and_whether_that_is_enough(tmp_path: Path) -> None:
    trust, signed = tmp_path / "trust.json", tmp_path / "policy.json"
    trust.write_bytes(documents.sign(COUNCILS, [OFFICER, COUNCIL, SECOND]))
    for keys, said in (((BERLIN, BERLIN_2), "they have signed"), ((BERLIN, MUNICH), "fewer have signed")):
        signed.write_bytes(documents.sign(wider_for("Berlin"), [OFFICER, *keys]))
        done = command("verify", str(signed), "--trust", str(trust))
        assert done.returncode == 0, done.stderr
        assert f"Signed for the works council of Berlin by key {dsse.key_id(dsse.raw_public(BERLIN))}" in done.stdout
        assert said in done.stdout


CARD = """<section id="verify" data-policy="policy" data-trust="trust" data-good="{signers}" data-bad="bad: {why}"
 data-officer="the officer" data-council="the central one" data-site="that of {site}" data-unable="unable">
<button id="verify-now" hidden></button><p id="verified" hidden></p></section>"""


def verified(chromium: Browser, folder: Path, policy: bytes, trust: bytes) -> str:
    """What the page of the policy says of two documents, by its own scripts."""
    scripts = ("canonical", "dsse", "documents", "verify")
    told = json.dumps({"policy": policy.decode(), "trust": trust.decode()})
    stub = f"const given = {told}; window.fetch = async (name) => ({{ ok: true, text: async () => given[name] }});"
    code = [stub, *((build.SHARED / f"{name}.js").read_text() for name in scripts)]
    file = folder / "page.html"
    file.write_text(CARD + "".join(f"<script>{one}</script>" for one in code))
    page = chromium.new_page()
    page.goto(file.as_uri())
    page.click("#verify-now")
    page.wait_for_selector("#verified:not([hidden])")
    said = page.inner_text("#verified")
    page.close()
    return said


def test_the_page_of_the_policy_names_a_council_only_with_all_its_keys(chromium: Browser, tmp_path: Path) -> None:
    trust = documents.sign(COUNCILS, [OFFICER, COUNCIL, SECOND])
    for keys, said in (
        ([BERLIN, BERLIN_2], "the officer, that of Berlin"),
        ([BERLIN, MUNICH], "the officer"),
        ([COUNCIL, SECOND, BERLIN, BERLIN_2], "the officer, the central one, that of Berlin"),
    ):
        assert verified(chromium, tmp_path, documents.sign(wider_for("Berlin"), [OFFICER, *keys]), trust) == said
    unsigned = documents.sign(wider_for("Berlin"), [BERLIN, BERLIN_2])
    assert verified(chromium, tmp_path, unsigned, trust).startswith("bad: no officer")
    one_key = documents.sign(COUNCILS, [OFFICER, COUNCIL])
    assert verified(chromium, tmp_path, unsigned, one_key).startswith("bad: the trust document needs")
