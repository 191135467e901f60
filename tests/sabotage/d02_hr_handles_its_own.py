from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="D02",
    breaks="HR's people see and handle their own requests",
    changes=(
        Edit(
            "migrations/versions/20261129_0050_requests.py",
            old="DRAFTS = \"employee_id <> (SELECT actor_id()) AND state <> 'draft'\"",
            new="DRAFTS = \"state <> 'draft'\"",
        ),
    ),
    red=("tests/db/test_marker.py::test_D02_hr_reads_nothing_of_a_request_of_its_own",),
)
