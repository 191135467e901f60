from tests.sabotage.framework import Edit, Sabotage

FIRST = "[str(words.happened), *_what_stands(status, words)]"

SABOTAGE = Sabotage(
    requirement="S12",
    breaks="The error page repeats the exception's text",
    changes=(
        Edit(
            "portal/core/web/errors.py",
            old=FIRST,
            new=FIRST.replace("]", ", repr(sys.exc_info())]"),
        ),
        Edit("portal/core/web/errors.py", old="import secrets\n", new="import secrets\nimport sys\n"),
    ),
    red=("tests/web/test_errors.py::test_S12_an_exception_at_any_route_leaks_nothing",),
)
