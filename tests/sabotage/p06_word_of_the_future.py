from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="P06",
    breaks="A device tells of what it will have done in a hundred years, and is believed",
    changes=(
        Edit(
            "gateway/opamp.py", old="report if report.at <= now + AHEAD_MS else replace(report, at=now)", new="report"
        ),
    ),
    red=("tests/gateway/test_reports.py::test_P06_no_word_is_of_later_than_now",),
)
