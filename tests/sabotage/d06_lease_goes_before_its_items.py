from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="D06",
    breaks="A lease goes while an item that names it is still there",
    changes=(Edit("portal/capture/jobs.py", old=", ~exists(Segment.id).where(own, while_it_held)", new=""),),
    red=("tests/capture/test_forgetting.py::test_D06_an_old_lease_goes_unless_an_item_under_it_is_left",),
)
