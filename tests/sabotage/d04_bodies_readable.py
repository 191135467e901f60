from tests.sabotage.framework import Edit, Sabotage

PRIVILEGES = "migrations/versions/20261121_0410_who_may_what.py"

SABOTAGE = Sabotage(
    requirement="D04",
    breaks="Web, gateway and worker may read sealed bodies",
    changes=(
        Edit(
            PRIVILEGES,
            old='"policy, policy_version, lease_id, key_id, size, received_at, erasure_id"',
            new='"policy, policy_version, lease_id, key_id, size, received_at, erasure_id, body"',
        ),
    ),
    red=("tests/db/test_bodies.py::test_D04_sealed_columns_are_denied",),
)
