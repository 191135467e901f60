from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="R04",
    breaks="A download gathers the whole archive in memory",
    changes=(
        Edit(
            "vault/exports/downloads.py",
            old="pieces = self._pieces(look, sealer)",
            new="pieces = iter(list(self._pieces(look, sealer)))",
        ),
    ),
    red=("tests/vault/test_exports.py::test_R04_memory_does_not_grow_with_the_archive",),
)
