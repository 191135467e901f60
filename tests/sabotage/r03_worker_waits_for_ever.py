from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="R03",
    breaks="A worker that is to end waits for a store that never answers",
    changes=(Edit("portal/worker.py", old="    end_in_time(END_SECONDS)\n", new=""),),
    red=("tests/deletion/test_ending.py::test_R03_a_worker_ends_although_a_store_never_answers",),
)
