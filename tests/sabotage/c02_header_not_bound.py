from tests.sabotage.framework import Edit, Sabotage

SEAL = "digest = hashlib.sha256(header).digest()\n    content_key"
OPEN = "digest = hashlib.sha256(header).digest()\n    wrapped"

SABOTAGE = Sabotage(
    requirement="C02",
    breaks="The visible header is no part of the seal",
    changes=(
        Edit("wire/segment.py", old=SEAL, new=SEAL.replace("header", 'b""')),
        Edit("wire/segment.py", old=OPEN, new=OPEN.replace("header", 'b""')),
    ),
    red=(
        "tests/wire/test_segment.py::test_C02_header_field_changed",
        "tests/wire/test_segment.py::test_C02_header_byte_changed",
    ),
)
