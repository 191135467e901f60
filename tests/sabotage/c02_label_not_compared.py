from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="C02",
    breaks="Keys sealed under the label of window titles go unnoticed",
    changes=(
        Edit(
            "wire/content.py",
            old="if getattr(content.summary, name) != getattr(header, name)",
            new='if name != "kind" and getattr(content.summary, name) != getattr(header, name)',
        ),
    ),
    red=("tests/wire/test_content.py::test_C02_differences_name_each_field_of_the_header_that_lies",),
)
