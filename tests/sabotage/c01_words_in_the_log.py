from tests.sabotage.framework import Edit, Sabotage

FOUND = "        items, status = queries.items_by_id(db(), person().id, on, found.ids), 200\n"

SABOTAGE = Sabotage(
    requirement="C01",
    breaks="The web process logs what somebody searched for",
    changes=(Edit("portal/capture/views.py", old=FOUND, new=f"{FOUND}        print(text, flush=True)\n"),),
    red=("tests/e2e/test_canary.py::test_C01_no_plaintext_anywhere",),
)
