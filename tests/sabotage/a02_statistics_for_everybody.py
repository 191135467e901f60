from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="A02",
    breaks="Every login reads how many rows came into which table, and when",
    changes=(
        Edit(
            "portal/operations/bootstrap.py",
            old='"^pg_stat_(get|have)_|^pg_(relation|table|indexes|total_relation|database)_size$"',
            new='"^pg_stat_have_stats$"',
        ),
    ),
    red=("tests/ballot/test_silence.py::test_A02_no_login_reads_the_databases_statistics",),
)
