"""The page's files keep their own rules: small, self-contained, and never markup made from text."""

import re
from importlib import resources

import pytest

FILES = {
    file.name: file.read_text(encoding="utf-8")
    for file in resources.files("bot.workspace.page").iterdir()
    if file.name.endswith((".js", ".css", ".html", ".svg"))
}
FORBIDDEN = re.compile(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|DOMParser|srcdoc")


@pytest.mark.parametrize("name", sorted(FILES))
def test_a_file_is_small_and_needs_nothing_from_elsewhere(name: str) -> None:
    text = FILES[name]
    assert len(text.splitlines()) <= 250
    assert not FORBIDDEN.search(text), "text becomes text nodes, never markup"
    loaded = re.findall(r"""(?:src|href)="([^"]+)"|(?:import|from) "([^"]+)"|url\(([^)]+)\)""", text)
    for address in filter(None, (part for match in loaded for part in match)):
        assert address.removeprefix("/page/").removeprefix("./") in FILES, f"{address} is not one of the page's files"


def test_the_document_has_no_inline_script_or_style() -> None:
    index = FILES["index.html"]
    assert re.findall(r"<script[^>]*>(.*?)</script>", index, re.DOTALL) == ["", ""]
    assert not re.search(r"<style|\sstyle=|\son\w+=|javascript:", index)
