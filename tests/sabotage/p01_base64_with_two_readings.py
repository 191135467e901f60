from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="P01",
    breaks="base64 with spare bits is read",
    changes=(Edit("wire/dsse.py", old="if _b64(data) != text:", new="if False:"),),
    red=(
        "tests/wire/test_envelopes.py::test_P01_non_canonical_base64_in_payload_and_signature",
        "tests/wire/test_envelopes.py::test_P01_one_byte_changed_anywhere",
    ),
)
