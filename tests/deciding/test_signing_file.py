"""Pages say whether the signing file that this server offers is the one of the trust document; else it is red (P01)."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from portal.signing import build
from tests.councils import in_force
from tests.deciding.conftest import Chamber
from wire import documents

OTHER = "is not the one that the trust document names"


@contextmanager
def named(chamber: Chamber, signing_file: str | None) -> Iterator[None]:
    """With a second trust document that names this file."""
    keys = chamber.organisation
    trust = replace(keys.trust(), version=2, signing_file=signing_file)
    with in_force(chamber.superuser, documents.sign(trust, [keys.officer, keys.council])):
        yield


def pages(chamber: Chamber, number: int) -> dict[str, str]:
    """Each page that offers the file, and the officer's first one."""
    seen = {
        f"/council/policies/{number}": chamber.clara,
        f"/council/policies/{number}/sign": chamber.clara,
        f"/officer/signing/{number}": chamber.omar,
        "/policy": chamber.amira,
        "/officer": chamber.omar,
    }
    return {path: chamber.as_(who).get(path).get_data(as_text=True) for path, who in seen.items()}


def test_P01_the_file_of_the_trust_document_is_said_to_be_that(chamber: Chamber, withheld: int) -> None:
    with named(chamber, build.sha256()):
        for path, page in pages(chamber, withheld).items():
            assert OTHER not in page, path
            assert ("as in the trust document and in the README" in page) is (path != "/officer"), path


def test_P01_another_file_than_that_of_the_trust_document_is_red(
    chamber: Chamber, withheld: int, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    changed = tmp_path / "daylight-sign.html"
    changed.write_bytes(build.FILE.read_bytes() + b"<script>steal()</script>")
    with named(chamber, build.sha256()):
        right = build.sha256()
        monkeypatch.setattr(build, "FILE", changed)
        for path, page in pages(chamber, withheld).items():
            assert OTHER in page, path
            if path != "/officer":
                assert page.count(right) >= 1, path
                assert build.sha256() in page, path
                assert '<div class="notice error">' in page, path
        assert chamber.as_(chamber.amira).get("/signing/daylight-sign.html").get_data() == changed.read_bytes()


def test_P01_a_trust_document_without_a_file_says_so_and_alarms_nobody(chamber: Chamber, withheld: int) -> None:
    with named(chamber, None):
        for path, page in pages(chamber, withheld).items():
            assert OTHER not in page, path
            assert ("the trust document names no signing file" in page) is (path != "/officer"), path
