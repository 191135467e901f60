from tests.sabotage.framework import Edit, Sabotage

FILE = "tests/requests/test_delegates.py"
SABOTAGE = Sabotage(
    requirement="D03",
    breaks="An address that the directory gave to somebody else, too, makes one of them the delegate",
    changes=(
        Edit(
            "portal/requests/delegating.py",
            old="sure = next((one for one in found if one.sure), None)",
            new="sure = next(iter(found), None)",
        ),
    ),
    red=(f"{FILE}::test_D03_an_address_that_the_directory_moved_names_nobody_until_hr_has_said_whose_it_is",),
)
