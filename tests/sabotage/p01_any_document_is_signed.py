from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="P01",
    breaks="A signature over another document is taken for one over this draft",
    changes=(Edit("portal/policies/deciding/rules.py", old="if payload != content.encode():", new="if not payload:"),),
    red=("tests/deciding/test_deciding.py::test_P01_what_is_not_the_councils_signature_over_this_document_is_refused",),
)
