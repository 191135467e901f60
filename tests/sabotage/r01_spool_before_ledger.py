"""The collector forgets a segment before it has counted it."""

from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="R01",
    breaks="What was answered is not on disk before it leaves the spool",
    changes=(Edit("collector/ledger.py", old="            self._append(fresh)", new="            pass"),),
    red=("tests/collector/test_ledger.py::test_R01_counts_survive_sigkill_without_loss_or_double",),
)
