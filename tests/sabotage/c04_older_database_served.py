from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="C04",
    breaks="A restored database is served as if nothing had been erased since",
    changes=(Edit("portal/core/db.py", old=".scalar_one()) < max(known):", new=".scalar_one()) < 0:"),),
    red=("tests/deletion/test_restore.py::test_C04_no_process_serves_a_restored_database_before_the_check",),
)
