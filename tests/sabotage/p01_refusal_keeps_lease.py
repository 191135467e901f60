from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="P01",
    breaks="The agent goes on recording beside a broken document",
    changes=(
        Edit("collector/permission.py", old="if lease is not None and not refused and", new="if lease is not None and"),
    ),
    red=("tests/collector/test_permission.py::test_P01_a_broken_document_is_refused_and_drops_the_lease",),
)
