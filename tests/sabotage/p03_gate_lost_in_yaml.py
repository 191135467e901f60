from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="P03",
    breaks="Rings and gate in a draft's YAML are read and not kept",
    changes=(
        Edit(
            "portal/policies/drafts/yaml_page.py",
            old="actions.save(db(), by, row.title, policy, rollout)",
            new="actions.save(db(), by, row.title, policy)",
        ),
    ),
    red=("tests/policies/test_pages.py::test_P03_yaml_holds_the_rings_and_their_gate",),
)
