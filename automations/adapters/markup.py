"""Text between us and desks: what we send as HTML, and what they hold as HTML read as Markdown.

Our own text is plain; nothing in it may become a tag, a link or a picture in the desk. A public reply is Markdown,
written by a person, of which raw HTML is shown and not obeyed.
"""

import html
import re
from typing import Final

from markdown_it import MarkdownIt
from markdownify import markdownify

_MARKDOWN: Final = MarkdownIt("commonmark", {"html": False, "breaks": True}).disable("image")
_BLANK: Final = re.compile(r"\n{3,}")


def plain_as_html(text: str) -> str:
    """Plain text as HTML that looks the same: a paragraph where an empty line stands, a break at each line's end."""
    parts = [part.strip("\n") for part in re.split(r"\n{2,}", text.replace("\r\n", "\n"))]
    return "".join(f"<p>{html.escape(part).replace(chr(10), '<br>')}</p>" for part in parts if part.strip())


def markdown_as_html(text: str) -> str:
    """Markdown as HTML. Raw HTML and pictures in it are shown as they were written."""
    return str(_MARKDOWN.render(text)).strip()


def html_as_markdown(text: str) -> str:
    """HTML from a desk as Markdown, with scripts, styles and pictures left out."""
    bare = re.sub(r"(?is)<(script|style|head)\b.*?(</\1\s*>|\Z)", "", text)
    said = markdownify(bare, strip=["img"], heading_style="ATX", bullets="-", escape_asterisks=False,
                       escape_underscores=False, escape_misc=False)  # fmt: skip
    return _BLANK.sub("\n\n", "\n".join(line.rstrip() for line in said.splitlines())).strip()
