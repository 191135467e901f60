from tests.sabotage.framework import Edit, Sabotage

PRIVILEGES = "migrations/versions/20261121_0410_who_may_what.py"

SABOTAGE = Sabotage(
    requirement="C05",
    breaks="What the person deleted still opens",
    changes=(Edit(PRIVILEGES, old=" AND s.erasure_id IS NULL\n     ORDER BY", new="\n     ORDER BY"),),
    red=("tests/vault/test_looks.py::test_C05_an_erased_item_is_missing",),
)
