from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="R06",
    breaks="A device may name a time beyond every calendar",
    changes=(
        Edit("wire/codec.py", old="MAX_TIME: Final = 9_999_999_999_999", new="MAX_TIME: Final = 253_402_300_799_999"),
    ),
    red=(
        "tests/wire/test_documents.py::test_R06_no_document_names_a_time_at_which_a_calendar_ends",
        "tests/gateway/test_extremes.py::test_R06_extreme_headers_are_refused_alone",
    ),
)
