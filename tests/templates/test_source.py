"""Rules that every template keeps, read from its source."""

import re
from pathlib import Path

import pytest
from flask import Flask

from tests.templates.gallery import ENDPOINTS, ROOT, create_app

TEMPLATES = ROOT / "templates"
NAMES = sorted(path.relative_to(TEMPLATES).as_posix() for path in TEMPLATES.rglob("*") if path.is_file())
COMMENT = re.compile(r"{#.*?#}", re.DOTALL)
WORDS = re.compile(r">[^<>{}]*[A-Za-z]{2,}[^<>{}]*<")


@pytest.fixture(scope="module")
def app() -> Flask:
    return create_app()


def source(name: str) -> str:
    return (TEMPLATES / name).read_text()


def markup(name: str) -> str:
    return COMMENT.sub("", source(name))


@pytest.mark.parametrize("name", NAMES)
def test_every_template_compiles_with_strict_undefined(app: Flask, name: str) -> None:
    assert app.jinja_env.undefined.__name__ == "StrictUndefined"
    app.jinja_env.get_template(name)


@pytest.mark.parametrize("name", NAMES)
def test_every_template_says_on_top_what_it_takes(name: str) -> None:
    assert source(name).startswith("{# ")


@pytest.mark.parametrize("name", NAMES)
def test_S08_no_template_has_inline_style_script_or_handler(name: str) -> None:
    text = markup(name)
    assert not re.search(r"\sstyle\s*=", text, re.IGNORECASE)
    assert not re.search(r"<style\b", text, re.IGNORECASE)
    assert not re.search(r"[\s\"'/]on[a-z]+\s*=", text, re.IGNORECASE)
    assert not re.search(r"javascript:|hx-on|hx-vals=.?js:|\|\s*safe\b|Markup", text)
    for tag, body in re.findall(r"<script\b([^>]*)>(.*?)</script>", text, re.DOTALL | re.IGNORECASE):
        assert "nonce=" in tag
        assert "src=" in tag
        assert not body.strip()


@pytest.mark.parametrize("name", NAMES)
def test_every_link_leads_to_a_known_endpoint(name: str) -> None:
    for endpoint in re.findall(r"url_for\('([a-z_.]+)'", markup(name)):
        assert endpoint == "static" or endpoint in ENDPOINTS, endpoint


@pytest.mark.parametrize("name", NAMES)
def test_every_posting_form_carries_the_csrf_token(name: str) -> None:
    for form in re.findall(r"<form\b(?:(?!</form>).)*?</form>", markup(name), re.DOTALL):
        if 'method="post"' in form:
            assert "csrf()" in form
        else:
            assert 'method="get"' in form


@pytest.mark.parametrize("name", NAMES)
def test_no_word_is_written_past_the_translations(name: str) -> None:
    text = re.sub(
        r"<svg.*?</svg>|<script.*?</script>|<code>python -m [a-z ]+</code>", "", markup(name), flags=re.DOTALL
    )
    text = re.sub(r"{%.*?%}|{{.*?}}", "{}", text, flags=re.DOTALL)
    loose = [
        found for found in WORDS.findall(text) if found.strip("<> \n·,.") not in {"Daylight", " · Daylight", "&nbsp;"}
    ]
    assert not loose


def test_vendored_files_name_version_and_licence() -> None:
    readme = (ROOT / "portal/static/vendor/README.md").read_text()
    for folder in (path for path in (ROOT / "portal/static/vendor").iterdir() if path.is_dir()):
        assert re.search(rf"`{folder.name}/` \|[^|]+\| \d+\.\d+", readme), folder.name
        assert any(Path(folder).glob("LICENSE*")), folder.name


@pytest.mark.parametrize("name", [name for name in NAMES if "/_" not in name and not name.startswith("macros/")])
def test_every_page_with_a_form_that_can_be_wrong_says_so_on_top(name: str) -> None:
    text = markup(name)
    if re.search(r"\berror=|\bproblems?\b", text) and name != "data/item.html":  # that one has no form
        assert "to_mend = " in text
        assert not re.search(r"line\(problem\b", text)
