from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="S13",
    breaks="What was typed is drawn as markup",
    changes=(Edit("templates/data/item.html", old="{{ content.text }}</pre>", new="{{ content.text | safe }}</pre>"),),
    red=("tests/templates/test_pages.py::test_S13_captured_text_stays_text",),
)
