from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="R06",
    breaks="A strange envelope ends the parser with an error that nobody expects",
    changes=(Edit("wire/dsse.py", old="if not all(isinstance(text, str) for text in texts):", new="if False:"),),
    red=("tests/fuzz/test_fuzz.py::test_R06_parser_survives",),
)
