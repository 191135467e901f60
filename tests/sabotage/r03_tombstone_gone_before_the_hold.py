from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="R03",
    breaks="A tombstone goes while a hold keeps something under it, so the end of the hold deletes nothing",
    changes=(Edit("portal/deletion/jobs.py", old=", ~store.under_tombstone())", new=")"),),
    red=("tests/deletion/test_holds.py::test_R03_a_hold_that_outlasts_the_backups_still_ends_in_the_deletion",),
)
