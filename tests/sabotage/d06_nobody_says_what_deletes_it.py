from tests.sabotage.framework import Edit, Sabotage

COLUMN = '        "role_grant",\n        sa.Column("employee_id", sa.Uuid(), nullable=False'

SABOTAGE = Sabotage(
    requirement="D06",
    breaks="A table with people says nowhere what deletes it",
    changes=(
        Edit(
            "migrations/versions/20261121_0400_first_tables.py",
            old=f'{COLUMN}, comment="personal: whole-person erasure"),',
            new=f"{COLUMN}),",
        ),
    ),
    red=("tests/db/test_privileges.py::test_D06_every_table_with_people_says_what_deletes_it",),
)
