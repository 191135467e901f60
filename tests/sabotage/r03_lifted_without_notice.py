from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="R03",
    breaks="A freeze that HR lifts ends before the person had the week they were told",
    changes=(
        Edit(
            "portal/requests/queries.py",
            old="        RequestEvent.at <= announced_before,",
            new="        RequestEvent.at > announced_before,",
        ),
    ),
    red=("tests/hr/test_lift.py::test_R03_it_is_lifted_when_the_notice_is_over_and_not_before",),
)
