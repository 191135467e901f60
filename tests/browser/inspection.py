"""What may be wrong with a page in front of somebody: asked of the browser itself."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache

from playwright.sync_api import BrowserContext, ConsoleMessage, Page, Response

from portal.core.web.state import STATEMENTS_HEADER
from tests.translations.catalogue import PORTAL, forms

MOST_STATEMENTS = 12
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
RULES_OF_COLOUR = ["color-contrast", "link-in-text-block"]
RUN_AXE = """rules => axe.run(document, {runOnly: rules, resultTypes: ['violations'], selectors: false, preload: false})
    .then(result => result.violations.map(found => 'axe: ' + found.id + ' ' + found.nodes[0].html))"""
TOO_WIDE = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
LISTEN = """window.violations = [];
document.addEventListener('securitypolicyviolation', event =>
    window.violations.push(event.violatedDirective + ' ' + event.blockedURI))"""
TEXTS = """() => {
  const texts = [document.title];
  const walk = root => {
    const nodes = document.createTreeWalker(root, NodeFilter.SHOW_TEXT | NodeFilter.SHOW_ELEMENT);
    while (nodes.nextNode()) {
      const node = nodes.currentNode;
      if (node.nodeType === Node.TEXT_NODE) {
        const data = 'script, style, textarea, pre, .typed, .talk';
        if (!node.parentElement || !node.parentElement.closest(data)) texts.push(node.data);
      } else {
        for (const name of ['aria-label', 'title', 'alt', 'placeholder'])
          if (node.hasAttribute(name)) texts.push(node.getAttribute(name));
        if (node.tagName === 'TEMPLATE') walk(node.content);
      }
    }
  };
  walk(document.body);
  return texts.map(text => text.replace(/\\s+/g, ' ').trim()).filter(text => text);
}"""


@dataclass
class Heard:
    """What the browser complained about since the page began to load."""

    lines: list[str] = field(default_factory=list)


@contextmanager
def listening(context: BrowserContext) -> Iterator[tuple[Page, Heard]]:
    """A new page whose console errors, exceptions and CSP violations are written down."""
    page, heard = context.new_page(), Heard()

    def console(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and "the server responded with a status of" not in message.text:
            heard.lines.append(f"console: {message.text}")

    page.add_init_script(LISTEN)
    page.on("console", console)
    page.on("pageerror", lambda error: heard.lines.append(f"exception: {error}"))
    yield page, heard
    page.close()


def faults(page: Page, answer: Response | None, language: str) -> list[str]:
    """What is wrong with the page that is shown, at whatever size."""
    found = [f"violates the CSP: {line}" for line in page.evaluate("window.violations")]
    found += _of_answer(answer)
    found += _of_frame(page, language)
    if language == "de":
        found += [f"English: {text}" for text in page.evaluate(TEXTS) if is_english(text)]
    return found


def faults_at(page: Page, width: int, rules: list[str] = RULES) -> list[str]:
    """What axe, loaded before, finds by these rules (tags or ids) at this width; too wide here or at half of it."""
    found = [f"wider than {at} px" for at in (640 if width > 640 else 320, width) if _too_wide(page, at)]
    return found + [f"{width} px: {fault}" for fault in page.evaluate(RUN_AXE, rules)]


def _of_answer(answer: Response | None) -> list[str]:
    counted = answer.headers.get(STATEMENTS_HEADER.lower()) if answer else None
    return [f"{counted} statements"] if counted and int(counted) > MOST_STATEMENTS else []


def _of_frame(page: Page, language: str) -> list[str]:
    conditions = {
        "not exactly one h1": page.locator("h1").count() == 1,
        f"title {page.title()!r}": bool(re.fullmatch(r"\S.* · Daylight", page.title())),
        "wrong lang": page.locator("html").get_attribute("lang") == language,
        "no mark of demo data": page.locator(".demo-banner").count() == 1,
        "no main": page.locator("main").count() == 1,
        "no state, or not one click to pause or resume": _can_pause(page),
    }
    return [fault for fault, holds in conditions.items() if not holds]


def _can_pause(page: Page) -> bool:
    """From each page of somebody who may be captured; errors are drawn without the person."""
    if not page.locator(".person a[href='/settings']").count() or page.locator("#error-title").count():
        return True
    pauses = page.locator("form[action='/pauses']:has([type=hidden][name=for][value='30m'])").count()
    resumes = page.locator("form[action='/pauses/resume']").count()
    return page.locator("#bar-pill").count() == 1 and max(pauses, resumes) == 1


def _too_wide(page: Page, width: int) -> bool:
    """A desktop's 640 px is 1280 px at 200 %; a phone's 320 px is what WCAG 1.4.10 asks for."""
    page.set_viewport_size({"width": width, "height": 900})
    return int(page.evaluate(TOO_WIDE)) > 0


def _readers() -> tuple[frozenset[str], list[tuple[str, re.Pattern[str]]]]:
    """Short English messages, and longer ones that German says with other words: a part of each, and its pattern."""
    words: set[str] = set()
    patterns = []
    catalogue = PORTAL.read()
    spoken = {form for message in catalogue for form in forms(message.string)}
    for message in catalogue:
        for said, meant in zip(forms(message.id), forms(message.string), strict=True):
            if not said or said == meant or said in spoken:
                continue
            fixed = re.sub(r"%\(\w+\)s", "", said)
            if len(fixed.strip()) >= LONG:
                parts = re.split(r"%\(\w+\)s", said)
                patterns.append((max(parts, key=len), re.compile(".+?".join(map(re.escape, parts)))))
            elif "%" not in said:
                words.add(said)
    return frozenset(words), patterns


LONG = 12
WORDS, PATTERNS = _readers()
BETWEEN = re.compile(r" · |[:;,] |\s*[.:…]$")


DATA = re.compile(
    r"^English$|^Privacy office$|bank, webmail, health|"
    r"Works agreement on assistant training, section 4, with Art\. 6\(1\)\(f\) and Art\. 88 GDPR\."
)
"""What people wrote or named, and not we: a language by its own name, a unit, what a policy says in both languages."""


@cache
def is_english(text: str) -> bool:
    """Whether a text that a German reader is shown is, or holds, an English message."""
    text = DATA.sub("", text)
    parts: set[str] = {text, *(part.strip() for part in BETWEEN.split(text))}
    return bool(parts & WORDS) or any(part in text and pattern.search(text) for part, pattern in PATTERNS)
