from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="R02",
    breaks="Other content under a known id gets the old answer",
    changes=(
        Edit(
            "gateway/admission.py",
            old="return result if digest == one.content_hash else",
            new="return result if digest else",
        ),
    ),
    red=(
        "tests/gateway/test_uploads.py::test_R02_uploads_have_one_effect_and_one_answer",
        "tests/gateway/test_uploads.py::test_R02_a_retry_gets_the_same_answer_after_erasure",
    ),
)
