"""What a browser is told about everything the server answers: who may frame it, and what its
documents may load."""

# Our map runs in a frame of our own page; everything else is in nobody's frame.
FRAMED = "component"
MEDIA = "media"
STREET_MAP = "https://tile.openstreetmap.org"
# Of Streamlit's own page: one script in its text (by its digest), styles made as it runs (Emotion),
# pictures and workers that pages make themselves, and nothing from anywhere else.
PAGE = {
    "default-src": "'self'",
    "script-src": "'self' {inline}",
    "style-src": "'self' 'unsafe-inline'",
    "img-src": "'self' data: blob:",
    "font-src": "'self' data:",
    "connect-src": "'self'",
    "worker-src": "'self' blob:",
    "frame-src": "'self'",
    "object-src": "'none'",
    "base-uri": "'self'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
}
# streamlit-folium evaluates the script that Folium writes; it can fetch from here and, where the
# user switches it on, from the street map.
MAP = {
    **PAGE,
    "script-src": "'self' 'unsafe-inline' 'unsafe-eval'",
    "img-src": f"'self' data: blob: {STREET_MAP}",
    "form-action": "'none'",
    "frame-ancestors": "'self'",
}
# A file that somebody uploaded or a page made is a file, and never a page of this server.
FILE = {
    "default-src": "'none'",
    "style-src": "'unsafe-inline'",
    "img-src": "'self' data:",
    "frame-ancestors": "'none'",
    "sandbox": "",
}
NOTHING = {"default-src": "'none'", "frame-ancestors": "'none'", "sandbox": ""}


def policy(rules: dict[str, str], inline: str = "") -> str:
    """
    >>> policy({"default-src": "'none'", "sandbox": ""})
    "default-src 'none'; sandbox"
    """
    return "; ".join(
        f"{name} {value.format(inline=inline)}".strip() for name, value in rules.items()
    )


def of(path: tuple[str, ...], ours: str, inline: str = "") -> dict[str, str]:
    """The headers of an answer at `path`, in parts; `ours` is the first part of our own routes,
    `inline` what stands for the scripts in the page's own text."""
    first = path[0] if path else ""
    framed = first == FRAMED
    rules = {FRAMED: MAP, MEDIA: FILE, ours: NOTHING, "_stcore": NOTHING}.get(first, PAGE)
    return {
        "Content-Security-Policy": policy(rules, inline),
        "X-Frame-Options": "SAMEORIGIN" if framed else "DENY",
        "X-Content-Type-Options": "nosniff",
        # The street map's servers want to know which site asks; nobody else needs to.
        "Referrer-Policy": "strict-origin-when-cross-origin" if framed else "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Cross-Origin-Opener-Policy": "same-origin",
    }
