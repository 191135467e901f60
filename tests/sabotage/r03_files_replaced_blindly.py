from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="R03",
    breaks="A file is replaced although somebody has written to it since it was read",
    changes=(
        Edit(
            "portal/sources/connectors/parquet/store.py",
            old="if self._local or size > CONDITIONAL_BYTES:",
            new="if True:",
        ),
        Edit(
            "portal/sources/connectors/parquet/store.py",
            old='if obstore.head(self.store(), file.path)["e_tag"] != file.tag:',
            new="if not file.path:",
        ),
    ),
    red=("tests/sources/test_parquet.py::test_R03_somebody_who_writes_meanwhile_loses_nothing",),
)
