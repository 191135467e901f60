from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="A04",
    breaks="Steps of a share may stand for fewer than k people",
    changes=(Edit("portal/releases/contributions.py", old="last - first >= 2 * k", new="last >= first"),),
    red=("tests/releases/test_shares.py::test_A04_ten_people_have_no_share_and_nobody_sees_one_of_them_opt_out",),
)
