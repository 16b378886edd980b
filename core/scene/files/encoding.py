"""Which characters the bytes of a text stand for: UTF-8, then GB18030, then the system's.

A shapefile says it in a .cpg file or a byte of its .dbf, often in neither and sometimes wrongly; a
table says it by a byte order mark or not at all. What the bytes allow is tried in that order.
"""

import codecs
import locale
from collections.abc import Iterable
from dataclasses import dataclass

from core.errors import SlideScopeError

# How much of a file is looked at.
SAMPLE_BYTES = 512 * 1024
# Of the characters of a text in Chinese this share is among the 3755 common ones or punctuation;
# bytes of another code page that happen to be GB18030 make rare ones.
COMMON, SURELY = 0.5, 0.9
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# Byte 29 of a .dbf -> code page; those that software writes whatever the text is are left out.
_DBF_PAGES = {0x4D: "gb18030", 0x4E: "cp949", 0x4F: "cp950", 0x7B: "cp932", 0xC9: "cp1251"}
_FALLBACK = "cp1252"
_WESTERN = ("iso8859-1", "iso8859-15", "cp1252", "latin-1")


@dataclass(frozen=True)
class Encoding:
    """`name` as Python calls it; `how` asked, declared, plain (ASCII), valid or guessed."""

    name: str
    how: str

    def decode(self, raw: bytes) -> str:
        """Text of a field; a character cut off at its end is left out, others become U+FFFD."""
        return codecs.getincrementaldecoder(self.name)("replace").decode(raw)


PLAIN = Encoding("utf-8", "plain")


def check(text: str) -> str:
    """Python's name of an encoding as people write it.

    >>> check("GBK"), check("utf8"), check("936"), check("ANSI 1252")
    ('gb18030', 'utf-8', 'gb18030', 'cp1252')
    """
    found = known(text)
    if found is None:
        raise SlideScopeError(
            f"--encoding '{text}' is no encoding of text: write one such as utf-8, gbk, big5, "
            "cp1252 or utf-16."
        )
    return found


def known(text: str) -> str | None:
    """The same, None for what is no encoding of text."""
    word = text.strip().lower().removeprefix("ansi").strip(" _-")
    word = f"cp{word}" if word.isdigit() and len(word) in (3, 4) else word
    word = {"cp65001": "utf-8", "65001": "utf-8", "88591": "latin-1"}.get(word, word)
    try:
        name = codecs.lookup(word).name
        "".encode(name)
    # Some codecs turn bytes into bytes.
    except (LookupError, ValueError, TypeError):
        return None
    # GB18030 holds GBK, which holds GB 2312.
    return "gb18030" if name in ("gbk", "gb2312", "gb18030", "cp936") else name


def of_bytes(sample: bytes, whole: bool = False) -> Encoding:
    """The encoding of a text's first bytes; `whole`: there are no more.

    >>> of_bytes("岩性,花岗岩".encode("gbk")).name, of_bytes("Gößnitz".encode("cp1252")).name
    ('gb18030', 'cp1252')
    >>> of_bytes("岩性".encode()).name, of_bytes(b"lon,lat").how
    ('utf-8', 'plain')
    """
    for mark, name in _MARKS:
        if sample.startswith(mark):
            return Encoding(name, "declared")
    if _looks_utf16(sample):
        return Encoding("utf-16-le" if sample[1:2] == b"\0" else "utf-16-be", "valid")
    return of_texts([sample], cut=not whole)


def of_texts(texts: Iterable[bytes], cut: bool = True) -> Encoding:
    """The encoding of several texts; `cut`: the last character of each may be cut off."""
    odd = [t for t in texts if not t.isascii()]
    if not odd:
        return PLAIN
    if all(_valid(t, "utf-8", cut) for t in odd):
        return Encoding("utf-8", "valid")
    if all(_valid(t, "gb18030", cut) for t in odd) and _common(odd) >= COMMON:
        return Encoding("gb18030", "guessed")
    system = known(locale.getpreferredencoding(False)) or _FALLBACK
    if system in ("utf-8", "ascii", "gb18030") or not all(_valid(t, system, cut) for t in odd):
        system = _FALLBACK
    return Encoding(system, "guessed")


def of_dbf(head: bytes, texts: Iterable[bytes], declared: str | None = None) -> Encoding:
    """The encoding of a .dbf; `declared` is what its .cpg says, believed where it is possible."""
    odd = [t for t in texts if not t.isascii()]
    pages = [known(declared) if declared else None, _DBF_PAGES.get(head[29])]
    found = of_texts(odd)
    for page in pages:
        if page and all(_valid(t, page, True) for t in odd):
            # Software writes a western code page beside whatever text there is.
            wrong = page in _WESTERN and found.name == "gb18030" and _common(odd) >= SURELY
            return found if wrong else Encoding(page, "declared")
    return found


def can_be(name: str, texts: Iterable[bytes]) -> bool:
    """Whether the bytes of all texts are possible in an encoding."""
    return all(_valid(text, name, True) for text in texts)


def dbf_texts(raw: bytes) -> list[bytes]:
    """The field names and the text fields of a .dbf's first bytes (dBASE III and later)."""
    count, start, length = (
        int.from_bytes(raw[a:b], "little") for a, b in ((4, 8), (8, 10), (10, 12))
    )
    names, places, at = [], [], 1
    for field in range(32, min(start, len(raw)) - 31, 32):
        if raw[field] == 0x0D:
            break
        names.append(raw[field : field + 11].split(b"\0")[0])
        width = raw[field + 16]
        if raw[field + 11 : field + 12] == b"C":
            places.append((at, at + width))
        at += width
    found = dict.fromkeys(names)
    for record in range(start, min(start + count * length, len(raw)), length or len(raw)):
        for low, high in places:
            found[raw[record + low : record + high].strip(b" \0")] = None
    return list(found)


def _valid(text: bytes, name: str, cut: bool) -> bool:
    try:
        codecs.getincrementaldecoder(name)().decode(text, final=not cut)
    except UnicodeDecodeError:
        return False
    return True


def _common(texts: list[bytes]) -> float:
    """Share of the characters beyond ASCII that are common Chinese ones or their punctuation."""
    odd = [c for t in texts for c in t.decode("gb18030", "ignore") if not c.isascii()]
    return sum(map(_is_common, odd)) / len(odd) if odd else 0.0


def _is_common(character: str) -> bool:
    raw = character.encode("gb2312", "ignore")
    return len(raw) == 2 and (0xB0 <= raw[0] <= 0xD7 or 0xA1 <= raw[0] <= 0xA3)


def _looks_utf16(sample: bytes) -> bool:
    """Text of commas and digits in UTF-16 has a 0 in every second byte."""
    part = sample[:200]
    return len(part) >= 8 and (
        part[1::2].count(0) > 0.4 * len(part) > 0 or part[::2].count(0) > 0.4 * len(part)
    )
