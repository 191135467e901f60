from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="P03",
    breaks="The end of a stop is judged by the trust document before the one of its day",
    changes=(
        Edit(
            "gateway/stops.py", old="return before[-1] if before else None", new="return before[0] if before else None"
        ),
    ),
    red=("tests/gateway/test_ended.py::test_P03_what_the_old_document_asked_for_ends_no_stop_any_more",),
)
