from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="R03",
    breaks="HR has a mended store tried again, and nothing comes of it",
    changes=(
        Edit(
            "portal/requests/jobs.py",
            old="    if planning.once_more(session, step, now):",
            new="    if step.round < 1:",
        ),
    ),
    red=("tests/deletion/test_retry.py::test_R03_a_store_that_was_mended_is_tried_again_with_a_receipt_of_its_own",),
)
