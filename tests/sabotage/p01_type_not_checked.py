from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="P01",
    breaks="A document of one type opens as another",
    changes=(
        Edit(
            "wire/dsse.py",
            old='if parsed["payloadType"] != payload_type:\n        raise SignatureError("another payload type")',
            new='payload_type = parsed["payloadType"]',
        ),
    ),
    red=(
        "tests/wire/test_envelopes.py::test_P01_signed_as_one_type_read_as_another",
        "tests/wire/test_accept.py::test_P02_mix_and_match_another_document_as_policy",
    ),
)
