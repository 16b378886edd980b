"""Learning curves as a small SVG: a picture that a card can show and a diff can read."""

from collections.abc import Sequence

WIDTH, HEIGHT, GAP = 320, 180, 44
PANELS = (
    ("loss", (("loss", "training", "#5d6b73"), ("val_loss", "validation", "#b5532f"))),
    ("validation", (("val_f1", "F1", "#0072b2"), ("val_iou", "landslide IoU", "#009e73"))),
)


def draw(rows: Sequence[dict[str, float]], best_epoch: int) -> str:
    """Return an SVG of loss and of validation F1 and IoU; the kept epoch is a dashed line."""
    width, height = 2 * (WIDTH + GAP) + GAP, HEIGHT + 2 * GAP
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
        'font-family="sans-serif" font-size="11">',
        f'<rect width="{width}" height="{height}" fill="#ffffff"/>',
    ]
    for number, (title, lines) in enumerate(PANELS):
        left = GAP + number * (WIDTH + GAP)
        parts.append(f'<g transform="translate({left},{GAP})">')
        parts += _panel(title, lines, rows, best_epoch)
        parts.append("</g>")
    return "\n".join([*parts, "</svg>"]) + "\n"


def _panel(title, lines, rows, best_epoch) -> list[str]:
    epochs = [row["epoch"] for row in rows]
    known = [row[name] for name, _, _ in lines for row in rows if name in row]
    top = max(known, default=1.0) or 1.0
    last = max(epochs, default=1)

    def x(epoch: float) -> float:
        return WIDTH * (epoch - 1) / max(last - 1, 1)

    def y(value: float) -> float:
        return HEIGHT * (1 - value / top)

    parts = [
        f'<text y="-8" fill="#22303a">{title}</text>',
        f'<path d="M0 0V{HEIGHT}H{WIDTH}" fill="none" stroke="#9aa5ab"/>',
        f'<text x="-4" y="4" text-anchor="end" fill="#5d6b73">{top:.3g}</text>',
        f'<text x="-4" y="{HEIGHT}" text-anchor="end" fill="#5d6b73">0</text>',
        f'<text x="{WIDTH}" y="{HEIGHT + 14}" text-anchor="end" fill="#5d6b73">epoch {last:g}'
        "</text>",
        f'<path d="M{x(best_epoch):.1f} 0V{HEIGHT}" stroke="#22303a" stroke-dasharray="3 3"/>',
        f'<text x="{x(best_epoch):.1f}" y="{HEIGHT + 14}" text-anchor="middle" fill="#22303a">'
        f"{best_epoch}</text>",
    ]
    for number, (name, label, colour) in enumerate(lines):
        points = [f"{x(r['epoch']):.1f},{y(r[name]):.1f}" for r in rows if name in r]
        parts.append(
            f'<polyline points="{" ".join(points)}" fill="none" stroke="{colour}" '
            'stroke-width="1.5"/>'
        )
        parts.append(f'<text x="{90 + 90 * number}" y="-8" fill="{colour}">{label}</text>')
    return parts
