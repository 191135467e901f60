"""P01, P03: a stop for all is ended by officer and council together, for that very stop, and by nothing else."""

from dataclasses import replace

import pytest

from tests.wire import samples
from tests.wire.samples import COUNCIL, LEASE_KEY, OFFICER, RESUME, STRANGER, TRUST, VAULT
from wire import codec, documents, dsse
from wire.stopping import Resume, open_resume, resume_of

REFUSED = (dsse.SignatureError, codec.DocumentError)


def test_P03_officer_and_council_together_end_a_stop() -> None:
    assert open_resume(documents.sign(RESUME, [OFFICER, COUNCIL]), TRUST) == RESUME
    assert resume_of(samples.STOP) == Resume(samples.STOP.id, 2, samples.NOW, ("berlin",))


def test_a_field_of_later_is_left_out_while_it_is_none() -> None:
    assert "departments" not in codec.to_value(RESUME), "what was signed before keeps its bytes"
    lab = replace(RESUME, departments=("Lab",))
    assert codec.from_value(Resume, codec.to_value(lab)) == lab
    with pytest.raises(codec.DocumentError):
        codec.from_value(Resume, codec.to_value(RESUME) | {"departments": None})


@pytest.mark.parametrize(
    "keys",
    [
        [],
        [OFFICER],
        [COUNCIL],
        [LEASE_KEY],
        [VAULT],
        [OFFICER, LEASE_KEY],
        [OFFICER, STRANGER],
        [OFFICER, COUNCIL, LEASE_KEY],
        [STRANGER],
    ],
)
def test_P03_no_other_signatures_end_a_stop(keys: list[object]) -> None:
    with pytest.raises(REFUSED):
        open_resume(documents.sign(RESUME, keys), TRUST)  # type: ignore[arg-type]


def test_P01_a_document_of_another_type_ends_no_stop() -> None:
    for name, (document, _) in samples.SIGNED.items():
        if name != "resume":
            with pytest.raises(REFUSED):
                open_resume(documents.sign(document, [OFFICER, COUNCIL]), TRUST)
