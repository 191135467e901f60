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
    red=("tests/deletion/test_history.py::test_R01_no_deletion_that_was_acknowledged_is_lost_or_runs_twice",),
)
