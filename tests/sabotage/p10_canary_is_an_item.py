from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="P10",
    breaks="The mark of a canary is not looked at, so that it is stored and counted like work",
    changes=(Edit("gateway/items.py", old="header, body, marked.canary)", new="header, body)"),),
    red=(
        "tests/gateway/test_canaries.py::test_P10_a_whole_run_verifies_and_leaves_no_item",
        "tests/gateway/test_canaries.py::test_P10_canaries_and_items_share_an_upload",
    ),
)
