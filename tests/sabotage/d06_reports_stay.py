from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="D06",
    breaks="What devices said long ago stays for good",
    changes=(
        Edit(
            "portal/capture/jobs.py",
            old="received_at < now - KEPT, told_again",
            new="received_at < now - 100 * KEPT, told_again",
        ),
    ),
    red=("tests/capture/test_forgetting.py::test_D06_an_old_report_goes_unless_it_is_the_newest_of_its_kind",),
)
