from tests.sabotage.framework import Edit, Sabotage

GONE = "error.connection_invalidated or (isinstance(error, OperationalError) and code[:2] in CONNECTION_CLASSES)"

SABOTAGE = Sabotage(
    requirement="R05",
    breaks="A page without its database is told as an error of ours",
    changes=(
        Edit("portal/core/web/errors.py", old=f"return {GONE}", new=f"return bool(code) and not ({GONE}) and False"),
    ),
    red=("tests/web/test_errors.py::test_R05_without_its_database_every_page_says_so",),
)
