"""Pages as tests read them."""

from __future__ import annotations

from bs4 import BeautifulSoup, Tag


def one(page: BeautifulSoup | Tag, selector: str) -> Tag:
    """The only element of the selector."""
    found = page.select(selector)
    assert len(found) == 1, f"{selector}: {len(found)} found"
    return found[0]


def words(tag: Tag) -> str:
    """Its words, blanks as one."""
    return " ".join(tag.get_text(" ").split())
