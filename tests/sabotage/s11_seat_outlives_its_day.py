from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="S11",
    breaks="An open page of an expert goes on after the seat's end",
    changes=(
        Edit(
            "migrations/versions/20261129_1510_evidence_room.py",
            old="x.employee_id = e.id AND NOT seat_live(e.subject, e.email));",
            new="x.employee_id = e.id AND NOT seat_named(e.subject, e.email));",
        ),
    ),
    red=("tests/council/test_seats.py::test_S11_a_seat_ends_by_the_clock_for_an_open_page_too",),
)
