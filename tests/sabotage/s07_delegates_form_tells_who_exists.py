from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="S07",
    breaks="The form for a delegate says of any address whether it is somebody's, and tells nobody",
    changes=(
        Edit(
            "portal/requests/delegate_views.py",
            old="found = None if errors else _whom(errors)",
            new="found = _whom(errors)",
        ),
    ),
    red=(
        "tests/requests/test_delegates.py::test_S07_the_form_tells_who_works_here_only_where_that_person_is_told_too",
    ),
)
