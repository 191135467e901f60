from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="P01",
    breaks="An envelope without a signature, or with one twice, opens",
    changes=(Edit("wire/dsse.py", old="if not signers or len(set(signers)) != len(signers):", new="if False:"),),
    red=("tests/wire/test_envelopes.py::test_P01_envelope_changed",),
)
