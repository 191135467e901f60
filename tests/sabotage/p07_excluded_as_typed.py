from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="P07",
    breaks="The command line keeps an address as it was typed, which no page ever has",
    changes=(
        Edit(
            "collector/cli.py",
            old="frozenset(one.lower() for one in exclusions.meant(line, known))",
            new="frozenset({line.lower()})",
        ),
    ),
    red=("tests/collector/test_commands.py::test_P07_what_is_excluded_here_is_understood_as_on_the_page",),
)
