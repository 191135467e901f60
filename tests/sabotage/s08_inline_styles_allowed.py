from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="S08",
    breaks="The policy lets inline styles and scripts through",
    changes=(Edit("portal/core/web/security.py", old="style-src 'self';", new="style-src 'self' 'unsafe-inline';"),),
    red=("tests/browser/test_inert.py::test_S08_policy_allows_nothing_unsafe",),
)
