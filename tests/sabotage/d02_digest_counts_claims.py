from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="D02",
    breaks="The daily mail counts what its reader claims of somebody else",
    changes=(
        Edit(
            "portal/hr/jobs.py",
            old="Request.employee_id != person, not_claimed_by(person)",
            new="Request.employee_id != person, not_claimed_by(Request.id)",
        ),
    ),
    red=("tests/hr/test_digest.py::test_D02_counts_nothing_that_the_reader_claims_of_somebody_else",),
)
