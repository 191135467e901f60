from tests.sabotage.framework import Edit, Sabotage

FILE = "tests/sources/test_parquet.py"
SABOTAGE = Sabotage(
    requirement="R03",
    breaks="A file that few could read can be read by everybody once it was rewritten",
    changes=(
        Edit(
            "portal/sources/connectors/parquet/store.py",
            old="os.fchmod(made.fileno(), stat.S_IMODE(found.st_mode))",
            new="os.fchmod(made.fileno(), 0o644)",
        ),
    ),
    red=(f"{FILE}::test_R03_who_could_not_read_a_file_cannot_afterwards",),
)
