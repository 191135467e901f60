from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="R03",
    breaks="The officer is not told that something too old is kept",
    changes=(
        Edit(
            "portal/watch/looking.py",
            old="    return due if due < now - LATE else None\n",
            new="    return None\n",
        ),
    ),
    red=("tests/watch/test_pages.py::test_R03_what_is_kept_too_long_or_not_looked_at_in_time_is_red",),
)
