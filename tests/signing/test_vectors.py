"""The signing file's own code against the golden vectors of the wire: the same bytes, words, verdict."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.wire import samples
from wire import canonical, documents, dsse

VECTORS = Path(__file__).resolve().parents[1] / "wire" / "vectors"
Opened = Callable[..., Page]


def cases(name: str) -> Any:
    return json.loads((VECTORS / f"{name}.json").read_text())


def test_canonical_form(opened: Opened) -> None:
    page = opened()
    found = page.evaluate(
        """async (cases) => {
            const told = [];
            for (const { value, text } of cases) {
                const bytes = canonicalBytes(value);
                told.push([canonicalText(value), await sha256(bytes), canonicalText(canonicalValue(bytes)) === text]);
            }
            return told;
        }""",
        cases("canonical")["cases"],
    )
    assert found == [[case["text"], case["sha256"], True] for case in cases("canonical")["cases"]]


REFUSED = ['{"b":1,"a":2}', "1.0", "-0", "1e3", '{"a":1,"a":1}', " 1", "9007199254740992", '"\\u00e4"', '{"ä":1}',
           "[" * 18 + "]" * 18, '"\\ud800"', "NaN", ""]  # fmt: skip


@pytest.mark.parametrize("text", REFUSED)
def test_P01_what_is_not_canonical_is_refused(opened: Opened, text: str) -> None:
    with pytest.raises(canonical.CanonicalError):
        canonical.decode(text.encode())
    refused = "(text) => { try { canonicalValue(new TextEncoder().encode(text)); return false } catch { return true } }"
    assert opened().evaluate(refused, text)


def test_differences_and_their_words(opened: Opened) -> None:
    vectors = cases("difference")["cases"]
    found = opened().evaluate(
        """async (cases) => {
            const told = [];
            for (const { old, new: next, beside } of cases) {
                const found = lines(old, next, beside);
                const words = (language) => found.map((one) => sentence(one, language));
                const digest = await differenceDigest(old, next, beside);
                told.push([found, words("en"), words("de"), digest, wider(old, next, beside)]);
            }
            return told;
        }""",
        vectors,
    )
    assert len(vectors) > 10
    for case, (lines, english, german, digest, wider) in zip(vectors, found, strict=True):
        assert lines == case["lines"], case["name"]
        assert (english, german) == (case["en"], case["de"]), case["name"]
        assert digest == case["sha256"], case["name"]
        assert wider is case["widens"], case["name"]


def test_P01_envelopes(opened: Opened) -> None:
    """What Python signs opens here, and one changed byte does not."""
    page = opened()
    trust = documents.sign(samples.TRUST, [samples.OFFICER, samples.COUNCIL]).decode()
    policy = documents.sign(samples.POLICY, [samples.OFFICER, samples.COUNCIL]).decode()
    assert page.evaluate("async (text) => (await openTrust(text)).fingerprint", trust) == documents.fingerprint(
        trust.encode()
    )
    opens = "async ([trust, policy]) => { try { return (await openPolicy(policy, await openTrust(trust))).signers.length } catch (e) { return e.message } }"  # noqa: E501
    assert page.evaluate(opens, [trust, policy]) == 2
    by_council = documents.sign(samples.POLICY, [samples.COUNCIL]).decode()
    stranger = documents.sign(samples.POLICY, [samples.OFFICER, samples.STRANGER]).decode()
    swapped = policy.replace(dsse.key_id(dsse.raw_public(samples.OFFICER)), "0" * 64)
    value = json.loads(policy)
    value["payload"] = json.loads(by_council.replace("policy.v1", "policy.v1"))["payload"][:-4] + "AAA="
    changed = canonical.encode(value).decode()
    for broken in (by_council, stranger, swapped, changed, policy + " ", "{}"):
        assert isinstance(page.evaluate(opens, [trust, broken]), str)
    for signers in ([samples.OFFICER], [samples.COUNCIL], [samples.OFFICER, samples.STRANGER]):
        half = documents.sign(samples.TRUST, signers).decode()
        assert isinstance(page.evaluate(opens, [half, policy]), str)
