from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="P07",
    breaks="An exclusion is kept as the person wrote it, in a form that no device can match",
    changes=(
        Edit("wire/exclusions.py", old="    named = [entry for", new="    return [line]\n    named = [entry for"),
    ),
    red=("tests/agents/test_excluding.py::test_P07_what_a_person_writes_excludes_on_the_device",),
)
