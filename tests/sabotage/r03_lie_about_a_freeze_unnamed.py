from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="R03",
    breaks="A store that says it has frozen rows, which can still be read there, ends in part and nobody is told why",
    changes=(
        Edit(
            "portal/deletion/moving.py",
            old='    return f"{NOT_FROZEN if freezes else NOT_BACK}:{said}" if left else None',
            new='    return None if left >= 0 else f"{NOT_FROZEN if freezes else NOT_BACK}:{said}"',
        ),
    ),
    red=(
        "tests/deletion/test_freezing.py::test_R03_a_store_that_lies_about_a_freeze_is_found_out_and_the_page_says_why",
    ),
)
