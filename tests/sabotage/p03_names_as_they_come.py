"""Names of places are kept in the form in which the directory and the claims write them."""

from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="P03",
    breaks="A stricter policy for a site does not cover those whose directory writes its umlaut in two parts",
    changes=(
        Edit("portal/directory/resources.py", old='_text(place_name(value or "")', new='_text((value or "")'),
        Edit("portal/identity/rules.py", old="{part: place_name(value) or", new="{part: value.strip() or"),
    ),
    red=(
        "tests/directory/test_people.py::test_P03_a_name_in_another_form_is_covered_by_the_policy_for_that_site",
        "tests/directory/test_claims.py::test_P03_a_claim_in_another_form_is_covered_by_the_policy_for_that_site",
    ),
)
