from tests.sabotage.framework import Edit, Sabotage

PRIVILEGES = "migrations/versions/20261121_0410_who_may_what.py"

SABOTAGE = Sabotage(
    requirement="D03",
    breaks="A token of one login works in another",
    changes=(Edit(PRIVILEGES, old=" OR part[1] <> session_user", new=""),),
    red=("tests/db/test_actor.py::test_D03_another_logins_token_is_nobody",),
)
