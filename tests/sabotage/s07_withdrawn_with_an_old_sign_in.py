from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="S07",
    breaks="A proposal of the works council is withdrawn with a sign-in of this morning",
    changes=(
        Edit(
            "portal/council/smallest.py",
            old='@bp.post("/smallest-group/<uuid:group>/withdraw")\n@fresh\n',
            new='@bp.post("/smallest-group/<uuid:group>/withdraw")\n',
        ),
    ),
    red=("tests/council/test_smallest.py::test_S07_every_act_about_a_proposal_needs_a_fresh_sign_in",),
)
