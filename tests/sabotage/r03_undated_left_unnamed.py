from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="R03",
    breaks="Rows whose time cannot be read are left, and the receipt says that everything went",
    changes=(
        Edit(
            "portal/deletion/external.py",
            old='    left = f"{UNDATED}:{undated}" if undated else None\n',
            new="    left = None\n",
        ),
    ),
    red=("tests/deletion/test_external.py::test_R03_rows_of_no_time_are_named_where_a_range_is_to_go",),
)
