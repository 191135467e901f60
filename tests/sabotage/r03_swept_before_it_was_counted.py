from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="R03",
    breaks="What a hold had kept goes outside the step whose receipt has to say it",
    changes=(
        Edit("portal/deletion/holding.py", old=", Tombstone.id.not_in(counted))", new=", Tombstone.id.is_not(None))"),
    ),
    red=("tests/deletion/test_holds.py::test_R03_a_held_record_is_counted_and_goes_after_its_release",),
)
