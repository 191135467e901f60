from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="P01",
    breaks="One document has many byte forms",
    changes=(Edit("wire/canonical.py", old="if encode(value) != data:", new="if encode(value) is None:"),),
    red=(
        "tests/wire/test_envelopes.py::test_P01_envelope_spelled_otherwise",
        "tests/wire/test_canonical.py::test_P01_canonical_refuses",
    ),
)
