from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="S12",
    breaks="An error page says that nothing was changed after the vault was asked to change something",
    changes=(Edit("portal/core/web/vault.py", old="    state.asks_elsewhere()\n", new="    state.state()\n"),),
    red=("tests/web/test_errors.py::test_S12_what_the_vault_did_is_never_said_to_be_undone",),
)
