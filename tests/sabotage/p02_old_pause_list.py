from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="P02",
    breaks="An older directive undoes a newer pause",
    changes=(
        Edit(
            "collector/permission.py",
            old="if self.directive is not None and new.number < self.directive.number:",
            new="if self.directive is None and new.number < 0:",
        ),
    ),
    red=("tests/collector/test_permission.py::test_P02_a_lying_server_gets_nothing",),
)
