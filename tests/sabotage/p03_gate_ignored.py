from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="P03",
    breaks="A rollout goes on although devices refuse the policy",
    changes=(
        Edit(
            "portal/policies/rollouts/actions.py",
            old="    return gate_holds(reached(queries.figures(session, policy.id), row.ring), gate_of(row))",
            new="    return None",
        ),
    ),
    red=("tests/rollouts/test_pages.py::test_P03_the_gate_holds_a_rollout_up",),
)
