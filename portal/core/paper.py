"""The fonts of every PDF: those that every reader has know no Łukasz and no Ωμέγα, so these are embedded."""

from pathlib import Path
from typing import Final

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont

FONTS: Final = Path(__file__).parents[1] / "static" / "vendor" / "dejavu"
SANS, BOLD = "DejaVuSans", "DejaVuSans-Bold"
for _font in (SANS, BOLD):
    pdfmetrics.registerFont(TTFont(_font, FONTS / f"{_font}.ttf"))
pdfmetrics.registerFontFamily(SANS, normal=SANS, bold=BOLD, italic=SANS, boldItalic=BOLD)


def tag(locale: str) -> str:
    """A locale as a PDF names its language: `en_GB` as `en-GB` (BCP 47)."""
    return locale.replace("_", "-")
