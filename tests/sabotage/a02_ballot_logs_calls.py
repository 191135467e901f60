from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="A02",
    breaks="The ballot writes a line about each call",
    changes=(
        Edit(
            "ballot/api.py",
            old="            answer = await handler(request)\n",
            new="            answer = await handler(request)\n"
            '            log.info("called", path=request.path, address=request.remote)\n',
        ),
    ),
    red=("tests/petitions/test_nobody.py::test_A02_no_log_says_who_handed_in_or_when",),
)
