"""A look that nobody makes any more counts as one that found nothing."""

from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="P06",
    breaks="The officer's first page says that nothing is red while the worker stands still",
    changes=(
        Edit(
            "portal/watch/rules.py",
            old="    return look.at is None or now - look.at > SILENT",
            new="    return False",
        ),
    ),
    red=(
        "tests/watch/test_rules.py::test_P06_what_was_found_is_never_green_and_what_nobody_looked_at_neither",
        "tests/watch/test_pages.py::test_P06_a_look_that_stopped_is_red",
    ),
)
