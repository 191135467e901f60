from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="P04",
    breaks="A lease may last longer than the policy says",
    changes=(
        Edit(
            "collector/permission.py",
            old="min(lease.ttl_s, policy.lease_ttl_s) * 1000\n        elapsed",
            new="lease.ttl_s * 1000\n        elapsed",
        ),
    ),
    red=("tests/collector/test_permission.py::test_P04_a_lease_ends_by_the_policy_too",),
)
