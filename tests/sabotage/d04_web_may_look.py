from tests.sabotage.framework import Edit, Sabotage

PRIVILEGES = "migrations/versions/20261121_0410_who_may_what.py"

SABOTAGE = Sabotage(
    requirement="D04",
    breaks="The web's login may call the function that gives sealed bytes",
    changes=(
        Edit(PRIVILEGES, old='"look_read(uuid)": ("vault",),', new='"look_read(uuid)": ("vault", "web_employee"),'),
    ),
    red=("tests/db/test_bodies.py::test_D04_only_the_vault_may_look",),
)
