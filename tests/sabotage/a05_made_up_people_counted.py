from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="A05",
    breaks="Rows that the directory alone speaks of make a group large enough",
    changes=(Edit("portal/releases/queries.py", old="or_(~told, seen)", new="or_(~told, seen, told)"),),
    red=("tests/releases/test_jobs.py::test_A05_people_made_up_in_the_directory_make_no_group_of_a_few",),
)
