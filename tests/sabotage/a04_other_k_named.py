from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="A04",
    breaks="A place that shows nothing names ten people, whatever its release was made by",
    changes=(Edit("portal/council/shown.py", old="words.hidden(people, k)", new="words.hidden(people, 10)"),),
    red=("tests/council/test_pages.py::test_A04_a_release_names_its_own_k_in_every_sentence",),
)
