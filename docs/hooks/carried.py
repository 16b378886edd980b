"""Pages of the site that do not lie in docs/, and links as the repository has them.

A hook of MkDocs. Links are written so that they work where the files are read, in the repository;
here each is turned to the page that the site has for that file, or to plain text where the file is
none of its pages. A link to nothing, and anything that a browser would fetch from another host, is
a warning, which `strict` makes an error.
"""

import logging
import posixpath
import re
from pathlib import Path

from mkdocs.structure.files import File, Files

ROOT = Path(__file__).resolve().parents[2]
DOCS = "docs/"
PAGES = {  # file in the repository: page of the site
    "README.md": "index.md",
    "CHANGELOG.md": "changelog.md",
    "CONTRIBUTING.md": "contributing.md",
    "sample_data/README.md": "sample-data.md",
    "models/pretrained/README.md": "shipped/index.md",
    **{
        path.relative_to(ROOT).as_posix(): f"shipped/{path.parent.name}.md"
        for path in sorted((ROOT / "models" / "pretrained").glob("*/card.md"))
    },
}
FILES = {page: file for file, page in PAGES.items()}
LINK = re.compile(r"(!?)\[([^\]]*)\]\(([^)#\s]+)(#[^)\s]*)?\)")
FETCHED = re.compile(r"<(?:script|link|img|iframe)\b[^>]*\b(?:src|href)=[\"']?(?:https?:)?//[^>]*>")
log = logging.getLogger("mkdocs.hooks.carried")


def on_files(files: Files, config) -> Files:
    """Add the pages, and name those that come and go in the navigation."""
    for file, page in PAGES.items():
        files.append(File.generated(config, page, content=(ROOT / file).read_text("utf-8")))
    decisions = sorted(path.name for path in (ROOT / "docs" / "decisions").glob("*.md"))
    config.nav.append({"Decisions": [f"decisions/{name}" for name in decisions]})
    config.nav.append({"Shipped networks": [p for p in FILES if p.startswith("shipped/")]})
    return files


def on_page_markdown(markdown: str, page, config, files) -> str:
    """Turn the links of a page that has a file in the repository."""
    site = page.file.src_uri
    if site.startswith("reference/"):
        return markdown
    return turned(markdown, FILES.get(site, DOCS + site), site)


def turned(markdown: str, file: str, site: str) -> str:
    """`markdown` of `file` with its links as the page `site` needs them."""

    def turn(link: re.Match) -> str:
        mark, text, target, anchor = link.groups()
        if "://" in target or target.startswith("mailto:"):
            return link[0]
        meant = posixpath.normpath(posixpath.join(posixpath.dirname(file), target))
        if not (ROOT / meant).exists():
            log.warning("%s links to '%s', which is not there", file, target)
            return link[0]
        page = PAGES.get(meant) or (meant.removeprefix(DOCS) if meant.startswith(DOCS) else None)
        if page is None:
            return text
        there = posixpath.relpath(page, posixpath.dirname(site) or ".")
        return f"{mark}[{text}]({there}{anchor or ''})"

    return LINK.sub(turn, markdown)


def on_post_page(output: str, page, config) -> str:
    """Warn of what a reader's browser would fetch from elsewhere."""
    for found in FETCHED.findall(output):
        if 'rel="canonical"' not in found:
            log.warning("%s fetches from another host: %s", page.file.src_uri, found)
    return output
