from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="P03",
    breaks="A context that shields its pages may go without the council",
    changes=(
        Edit(
            "wire/policy.py",
            old="and all(loses_nothing(old, new, context, after.get(context.id)) for context in old.contexts)",
            new="and True",
        ),
    ),
    red=("tests/wire/test_widens.py::test_P03_a_context_that_shadows_another_does_not_go_silently",),
)
