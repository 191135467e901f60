from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="R03",
    breaks="A hold on keys does not keep what a store calls keystrokes",
    changes=(
        Edit(
            "portal/sources/rules.py",
            old="        wanted = wanted & KINDS - spared\n",
            new="        return None if kinds is None else frozenset(kinds - spared)\n",
        ),
    ),
    red=("tests/deletion/test_external.py::test_R03_what_a_store_calls_otherwise_stays_under_a_hold_on_some_kinds",),
)
