from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="A02",
    breaks="The worker reads which tokens were handed in",
    changes=(
        Edit(
            "migrations/versions/20261129_1330_petitions.py",
            old='"ballot_vote": {"ballot": "SELECT, INSERT, DELETE", "worker": "SELECT (petition_id, on_day)"}',
            new='"ballot_vote": {"ballot": "SELECT, INSERT, DELETE", "worker": "SELECT"}',
        ),
    ),
    red=("tests/petitions/test_nobody.py::test_A02_no_login_but_the_ballots_own_sees_a_nullifier_or_who_has_a_token",),
)
