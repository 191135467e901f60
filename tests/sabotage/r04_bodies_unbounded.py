from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="R04",
    breaks="A body's length is not looked at before it is read",
    changes=(
        Edit(
            "gateway/limits.py",
            old="if request.content_length is not None and request.content_length > most:",
            new="if request.content_length is not None and request.content_length < 0:",
        ),
    ),
    red=("tests/gateway/test_hostile_clients.py::test_R04_an_enrolment_too_long_is_refused_before_it_is_read",),
)
