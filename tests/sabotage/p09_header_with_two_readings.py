from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="P09",
    breaks="One request can be written in two ways",
    changes=(
        Edit("wire/documents.py", old="if base64.urlsafe_b64encode(envelope).decode() != token:", new="if False:"),
    ),
    red=("tests/wire/test_documents.py::test_P09_request_header_has_one_reading",),
)
