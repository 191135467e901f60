"""Checkpoints are signed notes as others read and write them, and only those of the log's key count (L01)."""

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from wire import checkpoint
from wire.checkpoint import Checkpoint, NoteError, VerifierKey

# The example of golang.org/x/mod/sumdb/note, which the format comes from.
PUBLISHED_KEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
PUBLISHED_TEXT = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
PUBLISHED_SIGNATURE = (
    "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
)
KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
NAME = "portal.example.org/log"
HEAD = Checkpoint(NAME, 12, bytes(32))
VERIFIER = checkpoint.verifier_key(NAME, KEY)


def test_L01_a_published_note_opens() -> None:
    key = checkpoint.parse_verifier_key(PUBLISHED_KEY)
    assert str(key) == PUBLISHED_KEY
    assert checkpoint.open_note(f"{PUBLISHED_TEXT}\n{PUBLISHED_SIGNATURE}", key) == PUBLISHED_TEXT
    with pytest.raises(NoteError, match="signature is wrong"):
        checkpoint.open_note(f"{PUBLISHED_TEXT}x\n\n{PUBLISHED_SIGNATURE}", key)


def test_L01_a_checkpoint_comes_back() -> None:
    note = checkpoint.sign(HEAD, KEY)
    assert note.startswith(f"{NAME}\n12\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n\n— {NAME} ")
    assert checkpoint.open_checkpoint(note, checkpoint.parse_verifier_key(str(VERIFIER))) == HEAD
    cosigned = note + PUBLISHED_SIGNATURE
    assert checkpoint.open_checkpoint(cosigned, VERIFIER) == HEAD


def test_L01_any_changed_character_is_refused() -> None:
    note = checkpoint.sign(HEAD, KEY)
    for place, letter in enumerate(note):
        for other in ("A", "\n", "1"):
            changed = note[:place] + other + note[place + 1 :]
            if other != letter:
                with pytest.raises(NoteError):
                    checkpoint.open_checkpoint(changed, VERIFIER)


@pytest.mark.parametrize(
    "note",
    [
        "",
        "\n\n",
        f"{NAME}\n12\n\n",
        checkpoint.sign(HEAD, KEY)[:-1],
        checkpoint.sign(HEAD, KEY) + "\n",
        checkpoint.sign(HEAD, Ed25519PrivateKey.generate()),
        checkpoint.sign(Checkpoint("elsewhere.example/log", 12, bytes(32)), KEY),
        checkpoint.sign(Checkpoint(NAME, 12, bytes(31)), KEY),
        checkpoint.sign(Checkpoint(NAME, -1, bytes(32)), KEY),
        "x" * (checkpoint.MAX_NOTE + 1),
    ],
)
def test_no_checkpoint_of_this_log(note: str) -> None:
    with pytest.raises(NoteError):
        checkpoint.open_checkpoint(note, VERIFIER)


@pytest.mark.parametrize(
    "text",
    ["", "a+b+c", PUBLISHED_KEY.replace("c74f20a3", "c74f20a4"), PUBLISHED_KEY.replace("Peter", "Paul"), NAME],
)
def test_no_verifier_key(text: str) -> None:
    with pytest.raises(NoteError):
        checkpoint.parse_verifier_key(text)


def test_a_key_of_small_order_signs_nothing() -> None:
    with pytest.raises(NoteError):
        checkpoint.parse_verifier_key(str(VerifierKey(NAME, bytes(32))))


def test_an_origin_is_one_word() -> None:
    with pytest.raises(NoteError, match="no blank"):
        checkpoint.sign(Checkpoint("two words", 1, bytes(32)), KEY)


def test_a_witness_file_with_a_torn_end_gives_the_whole_notes() -> None:
    notes = [checkpoint.sign(Checkpoint(NAME, size, bytes(32)), KEY) for size in (3, 14, 15)]
    for between in ("", "\n", f"\n{NAME}\n9\n", f"\n{notes[0][:60]}\n"):
        kept = list(checkpoint.notes_in(between.join(notes)))
        assert kept == notes
        assert [checkpoint.open_checkpoint(note, VERIFIER).size for note in kept] == [3, 14, 15]
