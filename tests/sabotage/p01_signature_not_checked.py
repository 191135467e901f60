from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="P01",
    breaks="A signature's bytes are not looked at",
    changes=(
        Edit(
            "wire/dsse.py",
            old='except InvalidSignature as error:\n        raise SignatureError("a signature is wrong") from error',
            new='except InvalidSignature:\n        return entry["keyid"]',
        ),
    ),
    red=(
        "tests/wire/test_envelopes.py::test_P01_one_byte_changed_anywhere",
        "tests/wire/test_envelopes.py::test_P01_envelope_changed",
        "tests/wire/test_accept.py::test_P02_mix_and_match_signatures_of_another_policy",
    ),
)
