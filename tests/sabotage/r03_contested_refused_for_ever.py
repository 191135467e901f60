from tests.sabotage.framework import Edit, Sabotage

FILE = "tests/deletion/test_contested.py"
SABOTAGE = Sabotage(
    requirement="R03",
    breaks="A step whose address is contested ends, and nothing takes it up again",
    changes=(
        Edit(
            "portal/deletion/external.py",
            old="if error.reason is Reason.CONTESTED:",
            new="if error.reason is Reason.CHANGING:",
        ),
    ),
    red=(f"{FILE}::test_R03_it_goes_on_by_itself_once_all_have_heard_whose_it_is",),
)
