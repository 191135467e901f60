from tests.sabotage.framework import Edit, Sabotage

FILE = "tests/identity/test_mail.py"
SABOTAGE = Sabotage(
    requirement="R03",
    breaks="An address that somebody wrote into their own profile finds a colleague's rows",
    changes=(
        Edit(
            "portal/identity/rules.py",
            old="return (email, None) if proved else (None, email)",
            new="return (email, None) if proved or email else (None, email)",
        ),
    ),
    red=(
        f"{FILE}::test_R03_a_claimed_address_becomes_nobodys",
        f"{FILE}::test_S11_nobody_new_takes_an_experts_seat_by_claiming_the_address",
    ),
)
