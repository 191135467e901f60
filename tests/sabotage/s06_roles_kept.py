from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="S06",
    breaks="A role taken away stays",
    changes=(
        Edit(
            "migrations/versions/20261121_0410_who_may_what.py",
            old="r.role <> ALL (p_roles) OR person.left_at",
            new="false OR person.left_at",
        ),
    ),
    red=("tests/identity/test_roles.py::test_S06_a_group_lost_at_the_provider_is_lost_at_the_next_sign_in",),
)
