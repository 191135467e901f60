from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="C05",
    breaks="An archive leaves before the line of its download is committed",
    changes=(
        Edit(
            "migrations/versions/20261129_0340_exports.py",
            old="\n       AND l.transaction <> pg_current_xact_id()::text::bigint",
            new="",
        ),
    ),
    red=("tests/vault/test_export_orders.py::test_C05_a_download_is_a_line_committed_first",),
)
