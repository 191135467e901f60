from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="R01",
    breaks="A vault that does not answer counts as one that has destroyed the keys",
    changes=(
        Edit(
            "portal/deletion/own_store.py",
            old="        except VaultUnavailable as error:\n            raise UnreachableError from error\n",
            new="        except VaultUnavailable:\n            pass\n",
        ),
    ),
    red=("tests/deletion/test_carrying.py::test_R01_while_the_vault_is_away_a_person_is_pending_and_never_done",),
)
