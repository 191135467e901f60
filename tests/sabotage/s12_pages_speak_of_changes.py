from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="S12",
    breaks="A page that cannot be shown says that nothing was changed, after an act that was",
    changes=(
        Edit(
            "portal/core/web/errors.py",
            old="    if request.method in SAFE_METHODS:\n        return []\n",
            new="",
        ),
        Edit("portal/core/web/errors.py", old="if words.refused and undone else []", new="if words.refused else []"),
    ),
    red=("tests/web/test_errors.py::test_S12_only_a_change_that_is_rolled_back_is_said_to_have_changed_nothing",),
)
