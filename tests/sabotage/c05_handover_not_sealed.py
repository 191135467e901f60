from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="C05",
    breaks="A grant that somebody wrote into the database opens a leaver's content",
    changes=(
        Edit(
            "vault/handovers/handing.py",
            old="if not hmac.compare_digest(seal, self._seals.approved(grant, by, code)):",
            new="if not seal:",
        ),
    ),
    red=("tests/exports/test_handovers.py::test_C05_a_forged_grant_opens_nothing",),
)
