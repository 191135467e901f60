from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="P10",
    breaks="A device is verified because it says that it applied the policy",
    changes=(
        Edit(
            "migrations/versions/20261129_1615_verified.py",
            old="coalesce(s.what = 'applied' AND w.what = 'verified', false) AS verified",
            new="coalesce(s.what = 'applied', false) AS verified",
        ),
    ),
    red=("tests/rollouts/test_verified.py::test_P10_verified_is_counted_by_what_was_seen",),
)
