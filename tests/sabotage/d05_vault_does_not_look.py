from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="D05",
    breaks="The vault starts on any database",
    changes=(Edit("vault/__main__.py", old="        _check_database(settings)\n", new=""),),
    red=("tests/vault/test_start.py::test_D05_the_vault_refuses_an_unsafe_database",),
)
