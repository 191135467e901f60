from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="S07",
    breaks="Who of HR sent a request for somebody else decides on it",
    changes=(
        Edit(
            "portal/requests/refusals.py",
            old="if actor == standing.sent_by:",
            new="if standing.sent_by is None:",
        ),
    ),
    red=(
        "tests/hr/test_hands.py::test_S07_a_delegate_of_hr_does_not_decide_on_what_they_sent",
        "tests/hr/test_hands.py::test_S07_hr_does_not_decide_on_what_it_started_for_a_leaver",
    ),
)
