"""The signing file and `python -m portal sign` do the same: keys, what is shown, and the signature byte for byte."""

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from playwright.sync_api import Page

from portal.signing import build, bundle, keyfile
from portal.signing.keyfile import HeldKey, KeyFileError
from portal.signing.words import SAID
from tests.gateway.process import ROOT
from tests.wire.samples import COUNCIL, LEASE_KEY, NOW, OFFICER, POLICY, STRANGER, TRUST, VAULT
from wire import canonical, codec, difference, documents, dsse
from wire.documents import Signer, Trust, TrustedKey
from wire.grouping import SmallestGroup
from wire.policy import Audience, Policy
from wire.precedence import change
from wire.stopping import Resume

WORDS = "correct horse battery staple"
Opened = Callable[..., Page]
OLD = difference.stated(None, POLICY)
WIDER = difference.stated(OLD, replace(POLICY, version=4, max_sensitivity=4))
NARROWER = difference.stated(OLD, replace(POLICY, version=4, max_sensitivity=2))


def to_sign(new: Policy = WIDER, old: Policy | None = OLD) -> str:
    """The file as the portal offers it."""
    envelope = documents.sign(old, [OFFICER, COUNCIL]).decode() if old else None
    trust = documents.sign(TRUST, [OFFICER, COUNCIL]).decode()
    return bundle.written(Policy.TYPE, canonical.encode(codec.to_value(new)), envelope, trust)


def held(path: Path, key: Ed25519PrivateKey = COUNCIL, signer: Signer = Signer.COUNCIL) -> Path:
    """A key file."""
    path.write_text(keyfile.written(HeldKey(key, signer, "Clara"), WORDS))
    return path


def command(*arguments: str, typed: str = "") -> subprocess.CompletedProcess[str]:
    """`python -m portal sign` with what is typed; no setting of a server is there."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PORTAL_")}
    return subprocess.run(
        [sys.executable, "-m", "portal", "sign", *arguments],
        cwd=ROOT, input=typed, env=environment, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip


def open_key(page: Page, file: Path, words: str = WORDS) -> None:
    """Open a key file in the signing file."""
    page.set_input_files("#key-file", file)
    page.fill("#passphrase", words)
    page.click("#open-key button")
    page.wait_for_selector("#key-state[data-state=open], #key-state[data-state=refused]")


def take(page: Page, text: str, folder: Path) -> None:
    """Choose what to sign."""
    file = folder / "to-sign.json"
    file.write_text(text)
    page.set_input_files("#bundle", file)
    page.wait_for_selector("#shown:not([hidden]), #bundle-problem:not([hidden])")


def test_the_shipped_file_is_made_of_its_sources_and_its_hash_is_published() -> None:
    assert build.FILE.read_text() == build.composed(), "run: python -m portal.signing.build"
    published = build.sha256()
    assert hashlib.sha256(build.FILE.read_bytes()).hexdigest() == published
    assert published in (ROOT / "README.md").read_text()


def test_both_ways_sign_the_same_bytes(opened: Opened, tmp_path: Path) -> None:
    key, page = held(tmp_path / "clara.json"), opened()
    open_key(page, key)
    take(page, to_sign(), tmp_path)
    page.check("#read")
    page.click("#sign button")
    page.wait_for_selector("#signed:not([hidden])")
    with page.expect_download() as download:
        page.click("#envelope-download")
    by_file = Path(download.value.path()).read_bytes()
    out = tmp_path / "signature.json"
    done = command(
        "document", str(tmp_path / "to-sign.json"), "--key", str(key), "--out", str(out), typed=f"{WORDS}\ny\n"
    )
    assert done.returncode == 0, done.stderr
    assert out.read_bytes() == by_file == documents.sign(WIDER, [COUNCIL])
    for line in bundle.read(to_sign()).lines("en"):
        assert line.text in done.stdout
        assert line.text in page.inner_text("#lines")


RESUMES = (
    Resume(UUID(int=7), 12, NOW, ("Berlin", "Zürich")),
    Resume(UUID(int=8), 1, NOW + 59_999, None),
    Resume(UUID(int=9), 2, NOW, None, ("Lager", "Büro"), ("Österreich",)),
    Resume(UUID(int=9), 3, NOW, ("Berlin", "Lisbon"), ("Lab",), ("DE",)),
    Resume(UUID(int=9), 4, NOW, ()),
)
WHOM = {
    "en": ("site Berlin, Zürich", "everybody", "department Lager, Büro; country Österreich",
           "site Berlin, Lisbon; department Lab; country DE", "site "),
    "de": ("Standort Berlin, Zürich", "alle", "Abteilung Lager, Büro; Land Österreich",
           "Standort Berlin, Lisbon; Abteilung Lab; Land DE", "Standort "),
}  # fmt: skip
SMALLER = SmallestGroup(3, 8, 10, "2027-04-01", "Unsere kleinsten Teams wollen sich sehen: 100 % davon.", NOW)
LARGER = replace(SMALLER, people=15, replaces=8)
NEXT = replace(TRUST, version=2, keys=(*(one for one in TRUST.keys if one.signer is not Signer.OFFICER),
               TrustedKey(Signer.OFFICER, dsse.raw_public(STRANGER))))  # fmt: skip


def other(document: Resume | Trust | SmallestGroup, **changed: object) -> str:
    """The file to sign for a document that is no policy."""
    trust = documents.sign(TRUST, [OFFICER, COUNCIL]).decode()
    whole: dict[str, object] = codec.to_value(document)
    return bundle.written(document.TYPE, canonical.encode(whole | changed), None, trust)


OTHERS = {
    "resume of sites": RESUMES[0],
    "resume for all": RESUMES[1],
    "resume of departments": RESUMES[2],
    "resume of all three": RESUMES[3],
    "resume of no site": RESUMES[4],
    "trust": NEXT,
    "smaller": SMALLER,
    "larger": LARGER,
}


@pytest.mark.parametrize("document", OTHERS.values(), ids=OTHERS)
@pytest.mark.parametrize("language", ["en", "de"])
def test_both_ways_say_and_sign_the_same_of_trust_and_of_the_end_of_a_stop(
    opened: Opened, tmp_path: Path, document: Resume | Trust | SmallestGroup, language: str
) -> None:
    key, page, text = held(tmp_path / "clara.json"), opened(), other(document)
    page.click(f"button[data-language={language}]")
    open_key(page, key)
    take(page, text, tmp_path)
    whole = bundle.read(text)
    lines = [line.text for line in whole.lines(language)]
    assert [line[2:] for line in page.inner_text("#lines").splitlines() if line.strip()] == lines
    assert page.inner_text("#verdict") == whole.verdict(language)
    page.check("#read")
    page.click("#sign button")
    page.wait_for_selector("#signed:not([hidden])")
    out, given = tmp_path / "signature.json", ("document", str(tmp_path / "to-sign.json"), "--key", str(key))
    done = command(*given, "--language", language, "--out", str(out), typed=f"{WORDS}\ny\n")
    assert done.returncode == 0, done.stderr
    assert out.read_text() == page.input_value("#envelope") == documents.sign(document, [COUNCIL]).decode()
    for line in [*lines, whole.verdict(language), page.inner_text("#hash")]:
        assert line in done.stdout


@pytest.mark.parametrize("language", ["en", "de"])
def test_P03_whom_the_end_of_a_stop_is_for_is_said_by_site_department_and_country(language: str) -> None:
    for resume, whom in zip(RESUMES, WHOM[language], strict=True):
        (line,) = bundle.read(other(resume)).lines(language)
        assert line.text.partition(": ")[2] == f"{whom}."
    georgia = (("Georgia",), None, None), (None, ("Georgia",), None), (None, None, ("Georgia",))
    said = {bundle.read(other(Resume(UUID(int=9), 5, NOW, *axes))).lines(language) for axes in georgia}
    assert len(said) == len(georgia)


def test_the_command_says_what_the_file_says(opened: Opened) -> None:
    page = opened()
    for language, said in SAID.items():
        assert page.evaluate(
            "([language, names]) => names.map((name) => SAID[language][name])", [language, list(said)]
        ) == (list(said.values()))


@pytest.mark.parametrize(
    "changed",
    [
        {"more": 1},
        {"number": "12"},
        {"stopped": None},
        {"sites": "Berlin"},
        {"sites": [1]},
        {"stop": "x"},
        {"departments": None},
        {"departments": "Lager"},
        {"countries": [1]},
    ],
    ids=str,
)
def test_P03_what_is_no_end_of_a_stop_is_not_signed(opened: Opened, tmp_path: Path, changed: dict[str, object]) -> None:
    text = other(RESUMES[0], **changed)
    with pytest.raises(bundle.BundleError):
        bundle.read(text)
    page = opened()
    take(page, text, tmp_path)
    assert page.is_visible("#bundle-problem")


@pytest.mark.parametrize(
    "changed",
    [
        {"people": 7}, {"people": 1001}, {"people": 10}, {"people": "8"}, {"replaces": 7}, {"number": 0}, {"more": 1},
        {"starts": "2027-05-01"}, {"starts": "2027-04-02"}, {"starts": "0000-04-01"}, {"reason": ""},
        {"reason": "x" * 501}, {"reason": "a\nb"}, {"reason": "a\u202eb"}, {"reason": "a\u00a0b"}, {"issued": None},
    ],
    ids=str,
)  # fmt: skip
def test_A04_what_is_no_smallest_group_is_not_signed(
    opened: Opened, tmp_path: Path, changed: dict[str, object]
) -> None:
    text = other(SMALLER, **changed)
    with pytest.raises(bundle.BundleError):
        bundle.read(text)
    page = opened()
    take(page, text, tmp_path)
    assert page.is_visible("#bundle-problem")


def test_A04_the_officers_key_signs_no_smallest_group(opened: Opened, tmp_path: Path) -> None:
    key, page, text = held(tmp_path / "omar.json", OFFICER, Signer.OFFICER), opened(), other(SMALLER)
    open_key(page, key)
    take(page, text, tmp_path)
    page.check("#read")
    page.click("#sign button")
    assert page.is_visible("#sign-problem")
    out, given = tmp_path / "signature.json", ("document", str(tmp_path / "to-sign.json"), "--key", str(key))
    assert command(*given, "--out", str(out), typed=f"{WORDS}\ny\n").returncode
    assert not out.exists()


def test_the_file_says_wider_or_narrower_in_both_languages(opened: Opened, tmp_path: Path) -> None:
    page = opened()
    page.click("button[data-language=de]")
    take(page, to_sign(NARROWER), tmp_path)
    assert page.inner_text("#verdict").startswith("Enger")
    assert bundle.read(to_sign(NARROWER)).lines("de")[0].text in page.inner_text("#lines")
    page.click("button[data-language=en]")
    assert page.inner_text("#verdict").startswith("Narrower")
    assert page.locator("#lines li.less").count() >= 1
    assert page.inner_text("#hash") == documents.document_hash(NARROWER)
    assert page.inner_text("#fingerprint") == documents.fingerprint(documents.sign(TRUST, [OFFICER, COUNCIL]))


def test_a_key_made_in_the_file_opens_in_the_command_and_one_of_the_command_in_the_file(
    opened: Opened, tmp_path: Path
) -> None:
    page = opened()
    page.click("summary[data-say=newKey]")
    page.fill("#new-name", "Clara Voß")
    page.check("input[value=council]")
    page.fill("#new-passphrase", WORDS)
    page.fill("#again", WORDS + "!")
    page.click("#make-key button")
    assert page.evaluate("document.getElementById('again').validationMessage") == "The two passphrases differ."
    page.fill("#again", WORDS)
    page.click("#make-key button")
    page.wait_for_selector("#made:not([hidden])")
    with page.expect_download() as download:
        page.click("#key-download")
    made = Path(download.value.path()).read_text()
    opened_here = keyfile.opened(made, WORDS)
    assert (opened_here.signer, opened_here.name) == (Signer.COUNCIL, "Clara Voß")
    assert dsse.raw_public(opened_here.key).hex() == page.input_value("#public-key")
    out = tmp_path / "omar.json"
    done = command("key", "--for", "officer", "--name", "Omar", "--out", str(out), typed=f"{WORDS}\n{WORDS}\n")
    assert done.returncode == 0, done.stderr
    assert out.stat().st_mode & 0o777 == 0o600
    assert command("key", "--for", "officer", "--name", "O", "--out", str(out), typed=f"{WORDS}\n{WORDS}\n").returncode
    open_key(page, out)
    assert "Omar's key is open" in page.inner_text("#key-state")
    open_key(page, out, "another passphrase")
    assert page.inner_text("#key-state") == "The passphrase is wrong, or the file was changed."


def test_a_key_goes_to_pem_and_back(tmp_path: Path) -> None:
    file, pem, back = held(tmp_path / "clara.json"), tmp_path / "clara.pem", tmp_path / "back.json"
    assert command("convert", str(file), "--out", str(pem), typed=f"{WORDS}\n").returncode == 0
    assert "ENCRYPTED PRIVATE KEY" in pem.read_text()
    again = command("convert", str(pem), "--for", "council", "--name", "Clara", "--out", str(back), typed=f"{WORDS}\n")
    assert again.returncode == 0, again.stderr
    for path in (file, pem, back):
        assert keyfile.opened(path.read_text(), WORDS).id == dsse.key_id(dsse.raw_public(COUNCIL))
        with pytest.raises(KeyFileError, match="passphrase is wrong"):
            keyfile.opened(path.read_text(), "another passphrase")


@pytest.mark.parametrize("field", ["name", "signer", "public_key", "iterations", "salt", "iv", "private_key", "format"])
def test_a_changed_key_file_does_not_open(tmp_path: Path, field: str) -> None:
    value = json.loads(held(tmp_path / "clara.json").read_text())
    value[field] = {"name": "Mallory", "signer": "officer", "iterations": 1, "format": "x"}.get(field, "00" * 16)
    with pytest.raises(KeyFileError):
        keyfile.opened(canonical.encode(value).decode(), WORDS)


def text_of(policy: Policy) -> str:
    return canonical.encode(codec.to_value(policy)).decode()


def broken() -> dict[str, str]:
    """Files that a compromised server might offer."""
    whole = json.loads(to_sign())
    stranger = Trust(1, NOW, tuple(TrustedKey(s, dsse.raw_public(k)) for s, k in (
        (Signer.OFFICER, STRANGER), (Signer.COUNCIL, COUNCIL), (Signer.LEASE, LEASE_KEY), (Signer.VAULT, VAULT))))  # fmt: skip  # noqa: E501
    changes = {
        "another difference": {"payload": text_of(replace(WIDER, difference="0" * 64))},
        "an old policy that nobody signed": {"old": documents.sign(OLD, [STRANGER]).decode()},
        "an old policy without an officer": {"old": documents.sign(OLD, [COUNCIL]).decode()},
        "no old policy": {"old": None},
        "a newer old policy": {"old": documents.sign(replace(OLD, version=9), [OFFICER, COUNCIL]).decode()},
        "a trust document without the council": {"trust": documents.sign(TRUST, [OFFICER]).decode()},
        "a trust document of others": {"trust": documents.sign(stranger, [STRANGER, COUNCIL]).decode()},
        "another type": {"type": "application/vnd.daylight.lease.v1+json"},
        "the next trust document but one": {"type": Trust.TYPE, "old": None, "payload": canonical.encode(codec.to_value(replace(TRUST, version=3))).decode()},  # noqa: E501
        "a field too many": {"more": 1},
        "an old policy that no council signed": {"old": documents.sign(OLD, [OFFICER]).decode()},
        "an old policy that is no part of its base": {"old": documents.sign(OLD, [OFFICER]).decode(), "bases": [documents.sign(replace(OLD, version=2, max_sensitivity=1), [OFFICER, COUNCIL]).decode()]},  # noqa: E501
        "an old policy with a newer base": {"old": documents.sign(OLD, [OFFICER]).decode(), "bases": [documents.sign(replace(OLD, version=4), [OFFICER, COUNCIL]).decode()]},  # noqa: E501
        "an old policy whose base no council signed": {"old": documents.sign(OLD, [OFFICER]).decode(), "bases": [documents.sign(replace(OLD, version=2), [OFFICER]).decode()]},  # noqa: E501
        "beside it what it is not compared with": {"beside": [documents.sign(replace(OLD, version=2), [OFFICER]).decode()]},  # noqa: E501
        "no list beside": {"beside": "x"},
        "no base at all": {"bases": [1]},
    }  # fmt: skip
    return {name: canonical.encode(whole | change).decode() for name, change in changes.items()}


@pytest.mark.parametrize("name", list(broken()))
def test_P03_what_is_not_as_it_says_is_not_signed(opened: Opened, tmp_path: Path, name: str) -> None:
    text = broken()[name]
    with pytest.raises(bundle.BundleError):
        bundle.read(text)
    page = opened()
    take(page, text, tmp_path)
    assert page.is_visible("#bundle-problem")
    assert page.is_hidden("#shown")


def test_P03_a_key_that_the_trust_document_does_not_name_signs_nothing(opened: Opened, tmp_path: Path) -> None:
    key, page = held(tmp_path / "mallory.json", STRANGER), opened()
    open_key(page, key)
    take(page, to_sign(), tmp_path)
    page.check("#read")
    page.click("#sign button")
    assert "does not name it" in page.inner_text("#sign-problem")
    assert page.is_hidden("#signed")
    out = tmp_path / "signature.json"
    done = command(
        "document", str(tmp_path / "to-sign.json"), "--key", str(key), "--out", str(out), typed=f"{WORDS}\ny\n"
    )
    assert done.returncode != 0
    assert not out.exists()


def test_the_file_asks_no_network_and_runs_only_its_own_script(opened: Opened) -> None:
    page = opened(hostile=True)
    policy = page.locator("meta[http-equiv=Content-Security-Policy]").get_attribute("content") or ""
    assert policy.startswith("default-src 'none'; script-src 'sha256-")
    assert "unsafe" not in policy
    assert page.evaluate("fetch('data:text/plain,x').then(() => 'went', () => 'refused')") == "refused"
    for path in build.SCRIPTS:
        text = path.read_text()
        assert not any(word in text for word in ("fetch(", "XMLHttpRequest", "http:", "innerHTML", "eval(")), path


def test_P03_what_the_officer_alone_signed_is_compared_with_beside_its_base(opened: Opened, tmp_path: Path) -> None:
    base = documents.sign(difference.stated(None, replace(POLICY, version=2)), [OFFICER, COUNCIL]).decode()
    whole = json.loads(to_sign()) | {"old": documents.sign(OLD, [OFFICER]).decode(), "bases": [base]}
    text = canonical.encode(whole).decode()
    read = bundle.read(text)
    assert (read.old, read.proved) == (OLD, True)
    page = opened()
    take(page, text, tmp_path)
    assert page.inner_text("#verdict") == read.verdict("en")
    assert page.inner_text("#compared") == read.compared("en")
    assert "policy 3" in read.compared("en")


def test_P03_an_old_policy_with_fewer_keys_than_are_asked_for_is_compared_with_nothing(
    opened: Opened, tmp_path: Path
) -> None:
    """As after the quorum was raised: nobody is locked out, and nobody is told that nothing changes."""
    second = Ed25519PrivateKey.from_private_bytes(b"\x77" * 32)
    keys = (*TRUST.keys, TrustedKey(Signer.COUNCIL, dsse.raw_public(second)))
    trust = documents.sign(replace(TRUST, keys=keys, quorum=2), [OFFICER, COUNCIL, second]).decode()
    text = canonical.encode(json.loads(to_sign(NARROWER)) | {"trust": trust}).decode()
    read = bundle.read(text)
    assert not read.proved
    assert read.wider()
    assert any("What people type" in one.text for one in read.lines("en"))
    assert not any("No policy covered" in one.text for one in read.lines("en"))
    page = opened()
    take(page, text, tmp_path)
    assert page.inner_text("#verdict") == read.verdict("en")
    assert page.inner_text("#compared") == read.compared("en")
    assert [one.inner_text()[2:] for one in page.query_selector_all("#lines li")] == [
        one.text for one in read.lines("en")
    ]


def test_P03_what_it_goes_before_for_some_is_shown_with_what_is_more(opened: Opened, tmp_path: Path) -> None:
    everybody = difference.stated(None, replace(POLICY, version=1, audience=Audience(None, None, None)))
    strict = replace(POLICY, version=2, audience=Audience(("berlin",), None, None), max_sensitivity=1)
    step = change([everybody, strict], replace(everybody, version=3, audience=Audience(None, ("dev",), ("de",))))
    new, trust = difference.stated(*step), documents.sign(TRUST, [OFFICER, COUNCIL]).decode()
    old, beside = documents.sign(everybody, [OFFICER, COUNCIL]).decode(), documents.sign(strict, [OFFICER]).decode()
    text = bundle.written(Policy.TYPE, canonical.encode(codec.to_value(new)), old, trust, beside=[beside])
    read = bundle.read(text)
    assert read.wider()
    page = opened()
    take(page, text, tmp_path)
    assert page.inner_text("#verdict") == read.verdict("en")
    shown = page.inner_text("#lines")
    assert "takes the place of policy 2 (berlin)" in shown
    assert "up to level 3 of 4 instead of 1" in shown
    without = canonical.encode({name: value for name, value in json.loads(text).items() if name != "beside"}).decode()
    with pytest.raises(bundle.BundleError):
        bundle.read(without)
