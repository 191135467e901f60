from tests.sabotage.framework import Edit, Sabotage

FILE = "tests/sources/test_parquet.py"
SABOTAGE = Sabotage(
    requirement="R03",
    breaks="A rewritten file still holds the words of the rows that went, in its dictionary",
    changes=(
        Edit(
            "portal/sources/connectors/parquet/rewriting.py",
            old="forgetting.anew(batch.filter(mask if alone else pc.invert(mask)))",
            new="batch.filter(mask if alone else pc.invert(mask))",
        ),
    ),
    red=(f"{FILE}::test_R03_no_dictionary_keeps_the_words_of_rows_that_went",),
)
