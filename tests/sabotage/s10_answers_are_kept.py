from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="S10",
    breaks="Browsers may keep personal pages",
    changes=(Edit("portal/core/web/security.py", old='response.headers["Cache-Control"] = "no-store"', new="pass"),),
    red=("tests/web/test_headers.py::test_S10_headers_stand_on_every_answer",),
)
