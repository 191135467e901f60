from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="R03",
    breaks="A store that is tried again after the person was erased finds nobody, and calls that done",
    changes=(Edit("portal/sources/queries.py", old=", Employee.subject != gone)", new=", gone.is_not(None))"),),
    red=("tests/deletion/test_retry.py::test_R03_who_was_erased_is_not_found_gone_in_a_store_by_number",),
)
