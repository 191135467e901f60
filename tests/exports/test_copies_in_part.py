"""A copy for somebody who has left holds what was decided and no more; what the vault cannot leave out, it refuses."""

from collections.abc import Callable
from typing import Any

import pytest

from portal.core.db import Database
from portal.core.vault_client import VaultClient
from portal.requests.deciding import Proposal
from portal.requests.rules import Outcome
from tests.exports.test_handovers import CHECKED, BrowserOf, Office, refused
from tests.vault.arrange import Superuser, screenshot, store
from tests.vault.exporting import Archive
from tests.vault.provider import Provider

Agreed = Callable[..., Office]


@pytest.fixture
def agreed(superuser: Superuser, identity_provider: Provider, client: VaultClient, database: Database) -> Agreed:
    """An office that approved all but these parts, each (store, kind)."""

    def make(*stays: tuple[str, str | None]) -> Office:
        parts = tuple({"store": name, "kind": kind, "ground": "rights_of_others"} for name, kind in stays)
        said = Proposal(Outcome.PARTIAL, "Others are in it.", "rights_of_others", parts)
        return Office(superuser, identity_provider, client, database, said)

    return make


def test_C05_the_copy_is_without_what_the_decision_leaves_out(agreed: Agreed, superuser: Superuser) -> None:
    office = agreed(("daylight", "screenshot"))
    store(superuser, office.leaver, screenshot(b"RIFF0000WEBP"))
    link, pickup = office.ready()
    archive = Archive(b"".join(office.vault.take(link, pickup)))
    assert [item["kind"] for item in archive.items()] == ["key"]
    (kinds,) = office.row("SELECT kinds FROM export_order WHERE employee_id = %s", office.leaver.person)
    assert set(kinds) == {"click", "key", "pointer", "prompt", "window"}, "external stores go by these, too"


@pytest.mark.parametrize("part", [("daylight", None), ("lake", None)])
def test_C05_a_whole_store_left_out_is_not_handed_over(
    part: tuple[str, str | None], agreed: Agreed, browser_of: BrowserOf
) -> None:
    office = agreed(part)
    refused(office.prepared, "unknown")
    answer = browser_of(office.hana).post(office.path, {"checked": CHECKED}, page=office.path)
    assert answer.status_code == 422
    assert "This decision leaves something out" in answer.text
    assert CHECKED in answer.text


@pytest.mark.parametrize(
    "narrowed",
    ["contexts = '{vscode}'", "sensitivities = '{4}'", "segments = '{11111111-1111-4111-8111-111111111111}'"],
)
def test_C05_what_the_vault_cannot_narrow_is_not_handed_over(narrowed: str, agreed: Agreed) -> None:
    office = agreed(("daylight", "screenshot"))
    office.write(f"UPDATE request SET {narrowed} WHERE id = %s", office.request)
    refused(office.prepared, "unknown")


def test_C05_nothing_is_left_of_the_only_kind(agreed: Agreed) -> None:
    office: Any = agreed(("daylight", "key"))
    office.write("UPDATE request SET kinds = '{key}' WHERE id = %s", office.request)
    refused(office.prepared, "unknown")
