"""The trust document says which signing file its signers use, in one form, and everybody can compare (P01)."""

import hashlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from portal.signing import build, bundle
from tests.signing.test_signing import WIDER, command, take
from tests.signing.test_vectors import cases
from tests.wire.samples import COUNCIL, FILED, OFFICER, TRUST
from wire import canonical, codec, documents, dsse, succession
from wire.documents import Trust

Opened = Callable[..., Page]
READ = """async (text) => {
    try { return (await readTrust(new TextEncoder().encode(text))).file } catch (error) { return "refused" }
}"""
HASH = FILED.signing_file
assert HASH
WRONG = (None, "", HASH[:-1], HASH + "0", HASH.upper(), f" {HASH[1:]}", HASH[:-1] + "g", HASH + "\n", 1, [HASH])
STEPS = {
    "comes": (TRUST, FILED, "more", f"Signing file, SHA-256: {HASH}"),
    "stays": (FILED, FILED, "same", f"Signing file, SHA-256: {HASH}"),
    "changes": (replace(TRUST, signing_file="0" * 64), FILED, "more", f"Signing file, SHA-256: {HASH}"),
    "ends": (FILED, TRUST, "more", "No signing file is named any more: nobody could compare theirs."),
}


def written(trust: Trust, **changed: Any) -> str:
    """The canonical text of a trust document with these fields instead."""
    return canonical.encode(codec.to_value(trust) | changed).decode()


@pytest.mark.parametrize("wrong", WRONG, ids=repr)
def test_P01_a_signing_file_is_named_in_one_form_only(opened: Opened, wrong: object) -> None:
    text = written(TRUST, signing_file=wrong)
    with pytest.raises(codec.DocumentError):
        documents.read(Trust, text.encode())
    assert opened().evaluate(READ, text) == "refused"


def test_P01_python_and_the_signing_file_read_the_same_hash_in_every_golden_trust_document(opened: Opened) -> None:
    page, found = opened(), []
    for name, vector in cases("documents")["documents"].items():
        if name.startswith("trust"):
            read = documents.read(Trust, vector["payload"].encode())
            assert page.evaluate(READ, vector["payload"]) == read.signing_file
            found.append(read.signing_file)
    assert [one for one in found if one] == [HASH]
    assert None in found


def test_P01_what_names_no_file_keeps_its_bytes_and_another_one_is_only_a_step() -> None:
    """Devices that pinned a document without a file, or with another, go on and follow: nobody is locked out."""
    assert "signing_file" not in written(TRUST)
    for before in (TRUST, replace(TRUST, signing_file="0" * 64), FILED):
        after = replace(FILED, version=2)
        envelope = documents.sign(before, [OFFICER, COUNCIL])
        assert documents.open_trust(envelope, documents.fingerprint(envelope)) == before
        assert succession.succeed(before, documents.sign(after, [OFFICER, COUNCIL])) == after
        with pytest.raises(dsse.SignatureError):
            succession.succeed(before, documents.sign(after, [OFFICER]))


@pytest.mark.parametrize(("old", "new", "tone", "said"), STEPS.values(), ids=STEPS)
def test_P01_signers_of_a_trust_document_read_which_file_it_names(
    opened: Opened, tmp_path: Path, old: Trust, new: Trust, tone: str, said: str
) -> None:
    text = bundle.written(
        Trust.TYPE, written(replace(new, version=2)).encode(), None, documents.sign(old, [OFFICER, COUNCIL]).decode()
    )
    whole, page = bundle.read(text), opened()
    take(page, text, tmp_path)
    for language in ("en", "de"):
        page.click(f"button[data-language={language}]")
        last = whole.lines(language)[-1]
        assert page.inner_text("#lines").splitlines()[-1][2:] == last.text
        assert page.evaluate("() => toldOf(now.bundle, now.language).lines.at(-1).tone") == last.tone == tone
    assert whole.lines("en")[-1].text == said
    page.click("button[data-language=en]")
    assert page.inner_text("#signing-file") == (old.signing_file or "The trust document names none.")


def test_P01_verify_names_the_file_and_compares_ones_own(tmp_path: Path) -> None:
    trust, policy, mine = tmp_path / "trust.json", tmp_path / "policy.json", tmp_path / "daylight-sign.html"
    policy.write_bytes(documents.sign(WIDER, [OFFICER, COUNCIL]))
    mine.write_bytes(build.FILE.read_bytes())
    given = ("verify", str(policy), "--trust", str(trust))
    for named in (build.sha256(), HASH, None):
        trust.write_bytes(documents.sign(replace(TRUST, signing_file=named), [OFFICER, COUNCIL]))
        done = command(*given)
        assert done.returncode == 0, done.stderr
        assert f"trust document: {named or 'The trust document names none.'}" in done.stdout
        done = command(*given, "--signing-file", str(mine))
        assert (done.returncode == 0) is (named == build.sha256())
        said = "is that file." if named == build.sha256() else f"is another file: its SHA-256 is {build.sha256()}."
        assert said in done.stdout + done.stderr
    mine.write_bytes(build.FILE.read_bytes() + b" ")
    trust.write_bytes(documents.sign(replace(TRUST, signing_file=build.sha256()), [OFFICER, COUNCIL]))
    done = command(*given, "--signing-file", str(mine))
    assert done.returncode != 0
    assert hashlib.sha256(mine.read_bytes()).hexdigest() in done.stderr
