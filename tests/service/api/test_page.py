"""The page as it is served: its files, their headers, and what a strict policy asks of their content."""

import re
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

import service
from tests.service.api.conftest import Served

WEB = Path(service.__file__).parent / "web"
SCRIPTS = {path.name: path.read_text(encoding="utf-8") for path in (WEB / "static").glob("*.js")}
TEMPLATES = {
    name: (WEB / "templates" / name).read_text(encoding="utf-8") for name in ("page.html", "icons.html")
}
STATIC = re.compile(r'(?:src|href)="(static/[^"]+)"')
STRING = re.compile(r'^  (\w+): \[\s*"((?:[^"\\]|\\.)+)",\s*"((?:[^"\\]|\\.)+)",?\s*\],$', re.M)


@pytest.fixture
def client(served: Served) -> TestClient:
    return served.client


def test_the_page_is_html_that_is_asked_for_anew(client: TestClient) -> None:
    response = client.get("/")
    assert response.status_code == 200
    assert response.headers["content-type"] == "text/html; charset=utf-8"
    assert response.headers["cache-control"] == "no-cache"
    assert "인용" in response.text


def test_the_page_says_which_files_it_takes(client: TestClient, served: Served) -> None:
    page = client.get("/").text
    assert f'data-max-upload-mb="{served.world.settings.max_file_mb}"' in page
    assert ".md" in page


def test_every_file_the_page_names_is_there_for_ever(client: TestClient) -> None:
    paths = STATIC.findall(client.get("/").text)
    types = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}
    assert {Path(path).suffix for path in paths} == set(types)
    for path in paths:
        response = client.get(f"/{path}")
        assert response.status_code == 200
        assert response.headers["content-type"].startswith(types[Path(path).suffix])
        assert "immutable" in response.headers["cache-control"]


def test_every_script_another_one_imports_is_there() -> None:
    for script in SCRIPTS.values():
        for name in re.findall(r'from "\./([^"]+)"', script):
            assert name in SCRIPTS


@pytest.mark.parametrize("name", ["missing.js", "..%2f..%2fsettings.py", "%2e%2e", "page.html", "app.js%00"])
def test_nothing_but_the_static_files_can_be_had(client: TestClient, name: str) -> None:
    folder = STATIC.findall(client.get("/").text)[0].rsplit("/", 1)[0]
    response = client.get(f"/{folder}/{name}")
    assert response.status_code == 404
    assert response.headers["content-type"] == "application/problem+json"


def test_a_file_of_another_version_is_not_there(client: TestClient) -> None:
    assert client.get("/static/000000000000/app.js").status_code == 404


def test_templates_have_no_script_style_or_handler_of_their_own() -> None:
    for template in TEMPLATES.values():
        assert not re.search(r"<style|\sstyle=|\son\w+=|javascript:", template)
        assert all("src=" in tag for tag in re.findall(r"<script[^>]*>", template))


def test_no_file_of_the_page_names_another_host() -> None:
    files = [*(WEB / "static").iterdir(), *(WEB / "templates" / name for name in ("page.html", "icons.html"))]
    for path in files:
        addresses = set(re.findall(r"(?:https?:)?//[\w.]+\.\w+[^\s\"')]*", path.read_text(encoding="utf-8")))
        assert addresses <= {"http://www.w3.org/2000/svg"}, path


@pytest.mark.parametrize("name", sorted(SCRIPTS))
def test_no_script_makes_elements_of_text(name: str) -> None:
    parses = r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|DOMParser"
    assert not re.search(parses, SCRIPTS[name])


def test_every_sentence_said_is_in_the_table_and_every_one_there_is_said() -> None:
    table = {key for key, _, _ in STRING.findall(SCRIPTS["strings.js"])}
    assert table
    assert len(table) == SCRIPTS["strings.js"].count("],\n")
    scripts = "\n".join(script for name, script in SCRIPTS.items() if name != "strings.js")
    in_scripts = {word for word in re.findall(r'"([a-z_]+)"', scripts) if word in table}
    in_page = set(re.findall(r'data-(?:say|name|hint)="(\w+)"', TEMPLATES["page.html"]))
    assert in_page <= table
    by_type = {key for key in table if key.startswith("problem_")}  # test_problems.py knows the types
    assert in_scripts | in_page == table - by_type
    said = re.findall(r'\b(?:say|name): \["(\w+)"|\bt\("(\w+)"|say\([^"\n]+, "(\w+)"', scripts)
    assert {word for words in said for word in words if word} <= table


def test_both_languages_name_the_same_values() -> None:
    for key, korean, english in STRING.findall(SCRIPTS["strings.js"]):
        assert set(re.findall(r"\{\w+\}", korean)) == set(re.findall(r"\{\w+\}", english)), key
