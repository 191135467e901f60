"""What the server shows is what was sealed, or it does not open, or it is marked (C02); bombs stay small (R04)."""

import resource
import struct
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
import zstandard

from portal.core.vault_client import ItemState, VaultClient
from tests.vault.arrange import Insider, Superuser, screenshot, store, typed
from vault.opening import InflateError, inflate
from wire import content, segment
from wire.documents import Kind

MIB = 1 << 20
LIES: dict[str, Any] = {
    "kind": Kind.WINDOW,
    "context": "wiki",
    "counts": {"keys": 2, "redacted": 0},
    "sensitivity": 1,
    "categories": (),
    "size": 1,
}
CHANGES: dict[str, str] = {
    "id": "gen_random_uuid()",
    "started_at": "started_at + interval '1 millisecond'",
    "ended_at": "ended_at + interval '1 microsecond'",
    "device_id": "gen_random_uuid()",
    "seq": "seq + 1",
    "kind": "'window'",
    "context": "'wiki'",
    "counts": "jsonb_build_object('keys', 2, 'redacted', 0)",
    "sensitivity": "1",
    "categories": "'{}'",
    "policy": "repeat('cd', 32)",
    "policy_version": "2",
    "lease_id": "gen_random_uuid()",
    "key_id": "gen_random_uuid()",
    "size": "size - 1",
}
HEADER_FIELDS = tuple(segment.Header.__annotations__)


def look(client: VaultClient, who: Insider, wanted: Any) -> Any:
    (item,) = client.look(who.ticket, [wanted], *who.recently, "own")[1]
    return item


def told(superuser: Superuser, wanted: Any) -> list[tuple[Any, ...]]:
    """What audit log and notifications say of a segment."""
    audit = superuser.execute("SELECT action, detail->'fields' FROM audit_entry WHERE object_id = %s", [wanted])
    notes = superuser.execute(
        "SELECT kind, params->'fields' FROM notification WHERE reference = %s", [f"mismatch:{wanted}"]
    )
    return [*audit.fetchall(), *notes.fetchall()]


@pytest.mark.parametrize("column", CHANGES)
def test_C02_a_changed_column_does_not_open(
    client: VaultClient, superuser: Superuser, amira: Insider, column: str
) -> None:
    header = store(superuser, amira, typed())
    changed = superuser.execute(
        f"UPDATE segment SET {column} = {CHANGES[column]} WHERE id = %s RETURNING id".encode(), [header.segment]
    ).fetchone()
    superuser.commit()
    assert changed is not None
    item = look(client, amira, changed[0])
    assert (item.state, item.fields, item.data, item.blob) == (ItemState.UNREADABLE, (column,), None, b"")
    assert told(superuser, changed[0]) == [("segment.unreadable", [column]), ("mismatch", [column])]


def test_C02_a_segment_given_to_somebody_else_does_not_open(
    client: VaultClient, superuser: Superuser, amira: Insider, ben: Insider
) -> None:
    header = store(superuser, amira, typed())
    superuser.execute("UPDATE segment SET employee_id = %s WHERE id = %s", [ben.person, header.segment])
    superuser.commit()
    assert look(client, ben, header.segment).fields == ("employee_id",)
    superuser.execute("UPDATE segment SET header = %s WHERE id = %s", [b"{}", header.segment])
    superuser.commit()
    assert look(client, ben, header.segment).fields == ("header",)


@pytest.mark.parametrize("field", HEADER_FIELDS)
def test_C02_a_header_changed_with_its_columns_does_not_open(
    client: VaultClient, superuser: Superuser, amira: Insider, field: str
) -> None:
    """Whoever changes row and header bytes alike, so that both agree, meets the seal (or, for `key`, no key)."""
    header = store(superuser, amira, typed())
    other = changed(header, field)
    data = segment.header_bytes(other)
    row = {
        "i": other.segment, "e": amira.person, "d": other.device, "s": other.seq, "k": other.kind, "c": other.context,
        "n": sum(other.counts.values()), "v": other.sensitivity, "g": list(other.categories), "p": other.policy,
        "w": other.policy_version, "l": other.lease, "y": other.key, "z": other.size, "h": data, "o": header.segment,
    }  # fmt: skip
    superuser.execute(
        "UPDATE segment SET id = %(i)s, device_id = %(d)s, seq = %(s)s, kind = %(k)s, context = %(c)s, "
        "counts = jsonb_build_object('keys', %(n)s::int, 'redacted', 0), sensitivity = %(v)s, categories = %(g)s, "
        "policy = %(p)s, policy_version = %(w)s, lease_id = %(l)s, key_id = %(y)s, size = %(z)s, header = %(h)s, "
        "started_at = started_at + %(start)s, ended_at = ended_at + %(end)s WHERE id = %(o)s",
        row | {"start": ms(other.start - header.start), "end": ms(other.end - header.end)},
    )
    superuser.commit()
    item = look(client, amira, other.segment)
    expected = {"employee": ("employee_id",), "key": ("key",)}.get(field, ("seal",))
    assert (item.state, item.fields, item.data) == (ItemState.UNREADABLE, expected, None)


def ms(number: int) -> timedelta:
    return timedelta(milliseconds=number)


def changed(header: segment.Header, field: str) -> segment.Header:
    value = getattr(header, field)
    match value:
        case Kind():
            other: Any = Kind.WINDOW
        case int():
            other = value + 1
        case str():
            other = "cd" * 32
        case dict():
            other = {"keys": 2, "redacted": 0}
        case tuple():
            other = ()
        case _:
            other = uuid4()
    return segment.Header(**{name: getattr(header, name) for name in HEADER_FIELDS} | {field: other})


@pytest.mark.parametrize("field", LIES)
def test_C02_a_label_that_lies_is_found_on_opening(
    client: VaultClient, superuser: Superuser, amira: Insider, field: str
) -> None:
    """Sealed so by the device itself: shown all the same, marked, and told to the log and, once, to the person."""
    header = store(superuser, amira, typed(), **{field: LIES[field]})
    item = look(client, amira, header.segment)
    assert (item.state, item.fields) == (ItemState.MISMATCH, (field,))
    assert item.data["text"]
    assert look(client, amira, header.segment).state is ItemState.MISMATCH
    once = [("segment.mismatch", [field]), ("mismatch", [field])]
    assert told(superuser, header.segment) == [once[0], *once]


def test_C02_keys_sealed_as_window_are_found_on_opening(
    client: VaultClient, superuser: Superuser, amira: Insider
) -> None:
    header = store(superuser, amira, typed("hunter2"), kind=Kind.WINDOW, counts={"titles": 1})
    item = look(client, amira, header.segment)
    assert (item.state, item.fields, item.header["kind"]) == (ItemState.MISMATCH, ("kind", "counts"), "key")


def test_C02_one_that_does_not_open_does_not_hide_the_others(
    client: VaultClient, superuser: Superuser, amira: Insider
) -> None:
    good, bad = store(superuser, amira, typed()), store(superuser, amira, typed())
    superuser.execute(
        "UPDATE segment SET body = set_byte(body, 200, 255 - get_byte(body, 200)) WHERE id = %s", [bad.segment]
    )
    superuser.commit()
    items = client.look(amira.ticket, [good.segment, bad.segment], *amira.recently, "own")[1]
    assert {item.segment: (item.state, item.fields) for item in items} == {
        good.segment: (ItemState.OPENED, ()),
        bad.segment: (ItemState.UNREADABLE, ("seal",)),
    }


def bomb(size: int, *, declared: bool) -> bytes:
    compressor = zstandard.ZstdCompressor(level=3, write_content_size=declared)
    stream = compressor.compressobj(size=size if declared else -1)
    return b"".join([*(stream.compress(bytes(MIB)) for _ in range(size // MIB)), stream.flush()])


@pytest.mark.parametrize("declared", [True, False])
def test_R04_a_bomb_is_cut_off_at_8_mib(declared: bool) -> None:  # noqa: FBT001
    payload = bomb(1 << 30, declared=declared)
    assert len(payload) < 100_000
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(InflateError):
        inflate(payload)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 64 * 1024  # KiB


def test_R04_exactly_8_mib_is_let_through() -> None:
    assert len(inflate(bomb(8 * MIB, declared=True))) == 8 * MIB
    with pytest.raises(InflateError):
        inflate(zstandard.compress(bytes(8 * MIB + 1)))


def test_R04_a_window_above_the_cap_is_refused() -> None:
    parameters = zstandard.ZstdCompressionParameters(window_log=27, write_content_size=0)
    stream = zstandard.ZstdCompressor(compression_params=parameters).compressobj()
    with pytest.raises(InflateError):
        inflate(stream.compress(b"small") + stream.flush())


@pytest.mark.parametrize(
    "payload",
    [b"", b"\x28\xb5\x2f\xfd", b"no frame", zstandard.compress(b"x" * 100)[:-5], struct.pack("<I", 0x184D2A50)],
)
def test_R04_what_is_no_frame_gives_nothing(payload: bytes) -> None:
    try:
        assert inflate(payload) == b""
    except InflateError:
        return


def test_R04_a_bomb_in_the_vault_is_unreadable_and_the_rest_opens(
    client: VaultClient, superuser: Superuser, amira: Insider
) -> None:
    good, bad = store(superuser, amira, typed()), store(superuser, amira, typed(), bomb(1 << 28, declared=True))
    items = client.look(amira.ticket, [good.segment, bad.segment], *amira.recently, "own")[1]
    assert {item.segment: (item.state, item.fields) for item in items} == {
        good.segment: (ItemState.OPENED, ()),
        bad.segment: (ItemState.UNREADABLE, ("content",)),
    }
    assert client.healthy()


def test_R04_an_answer_that_grows_too_large_leaves_the_rest_out(
    client: VaultClient, superuser: Superuser, amira: Insider
) -> None:
    headers = [store(superuser, amira, screenshot(bytes(1_000_000))) for _ in range(20)]
    items = client.look(amira.ticket, [header.segment for header in headers], *amira.recently, "own")[1]
    states = [item.state for item in items]
    assert len(states) == 20
    assert 10 <= states.count(ItemState.OPENED) < 20
    assert set(states) == {ItemState.OPENED, ItemState.LEFT_OUT}


def test_R04_content_that_is_no_content_is_unreadable(
    client: VaultClient, superuser: Superuser, amira: Insider
) -> None:
    for inside in (
        b"",
        b"\xff" * 100,
        b"\x00\x00\x00\x02{}",
        content.pack(typed())[:-1],
        b"\x00\x01\x00\x00" + b"[" * 65536,
    ):
        header = store(superuser, amira, typed(), zstandard.compress(inside))
        assert look(client, amira, header.segment).fields == ("content",)
