"""WCAG 2.2 AA contrast of the colours in app.css, computed for both themes (1.4.3 text, 1.4.11 shapes)."""

import re

import pytest

from tests.templates.gallery import ROOT

TOKENS = {
    name: (light, dark)
    for name, light, dark in re.findall(
        r"--([a-z0-9-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\)", (ROOT / "portal/static/app.css").read_text()
    )
}
STATES = ("recording", "paused", "off", "unknown", "danger", "warn", "info")
GROUNDS = ("paper", "card", "sunken")
TEXT = [
    *((ink, ground) for ink in ("ink", "soft", "link") for ground in GROUNDS),
    *((state, ground) for state in STATES for ground in ("card", "paper", f"{state}-ground")),
    *(("ink", f"{state}-ground") for state in STATES),
    *(("link", f"{state}-ground") for state in ("info", "warn", "danger", "paused")),
    *(("go-ink", ground) for ground in ("go", "go-over")),
    *(("strong-ink", ground) for ground in ("strong", "strong-over")),
    *(("heat-low-ink", f"heat-{level}") for level in (0, 1, 2)),
    *(("heat-high-ink", f"heat-{level}") for level in (3, 4)),
    ("soft", "off-ground"),
    ("soft", "info-ground"),
]
KINDS = ("key", "pointer", "click", "screenshot", "window", "prompt")
SHAPES = [
    *((f"lane-{kind}", "sunken") for kind in KINDS),
    *(("edge", ground) for ground in ("card", "paper")),
    *(("focus", ground) for ground in ("card", "paper")),
    *((state, "card") for state in STATES),
    ("lane-pause", "card"),
    ("lane-key", "card"),
    ("go", "card"),
    ("link", "sunken"),
]


def luminance(colour: str) -> float:
    """Relative luminance of `#rrggbb`, 0 to 1 (WCAG 2.2, definition)."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """Contrast ratio, 1 to 21."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def test_the_measure_itself() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(("ink", "ground"), TEXT)
def test_text_is_readable(ink: str, ground: str, theme: int) -> None:
    assert contrast(TOKENS[ink][theme], TOKENS[ground][theme]) >= 4.5


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(("shape", "ground"), SHAPES)
def test_shapes_stand_out(shape: str, ground: str, theme: int) -> None:
    assert contrast(TOKENS[shape][theme], TOKENS[ground][theme]) >= 3


def test_every_colour_of_the_page_comes_from_a_token_with_both_themes() -> None:
    text = (ROOT / "portal/static/app.css").read_text()
    outside = re.sub(r"light-dark\([^)]*\)", "", text)
    assert re.findall(r"#[0-9a-fA-F]{3,8}\b", outside) == ["#fff"]  # paper when printing
    assert set(re.findall(r"var\(--([a-z0-9-]+)", text)) <= set(re.findall(r"--([a-z0-9-]+):", text)) | {
        "pico-font-family-monospace"
    }
