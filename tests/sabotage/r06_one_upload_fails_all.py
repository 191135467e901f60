from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="R06",
    breaks="What cannot be stored of one device fails the uploads of everybody in its batch",
    changes=(
        Edit("gateway/batches.py", old="while batch and not isinstance(error, DatabaseDownError):", new="while False:"),
    ),
    red=(
        "tests/gateway/test_neighbours.py::test_R06_what_cannot_be_done_fails_alone",
        "tests/gateway/test_neighbours.py::test_R06_an_upload_that_breaks_the_server_fails_alone",
    ),
)
