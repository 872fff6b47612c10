"""A small picture of growth: one field for each page, with its milliseconds by the number of cases."""

from collections.abc import Mapping, Sequence
from html import escape

WIDE, HIGH, COLUMNS = 200, 110, 4
LEFT, RIGHT, TOP, FLOOR = 16, 184, 38, 92
STYLE = (
    "text{font:12px sans-serif;fill:#222}.quiet{fill:#555;font-size:11px}"
    "polyline{fill:none;stroke:#1b5e8c;stroke-width:2}line{stroke:#999}"
)


def svg(title: str, sizes: Sequence[int], points: Mapping[str, Sequence[float]]) -> str:
    """All fields have one scale, from nothing up. The words below the title say what it shows."""
    most = max(max(figures) for figures in points.values())
    rows = -(-len(points) // COLUMNS)
    said = "; ".join(f"{name} {_arrow(figures)} ms" for name, figures in points.items())
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-labelledby="title said"'
        f' viewBox="0 0 {WIDE * COLUMNS} {HIGH * rows}">',
        f'<title id="title">{escape(title)}</title>',
        f'<desc id="said">At {" and ".join(f"{size:,}" for size in sizes)} cases: {escape(said)}.</desc>',
        f"<style>{STYLE}</style>",
        f'<rect width="{WIDE * COLUMNS}" height="{HIGH * rows}" fill="#fff"/>',
    ]
    for place, (name, figures) in enumerate(points.items()):
        at = f"translate({place % COLUMNS * WIDE} {place // COLUMNS * HIGH})"
        parts.append(f'<g transform="{at}">{_field(name, figures, most)}</g>')
    return "\n".join([*parts, "</svg>"]) + "\n"


def _field(name: str, figures: Sequence[float], most: float) -> str:
    step = (RIGHT - LEFT) / max(1, len(figures) - 1)
    line = " ".join(
        f"{LEFT + place * step:.0f},{FLOOR - (FLOOR - TOP) * figure / most:.1f}"
        for place, figure in enumerate(figures)
    )
    return (
        f'<text x="{LEFT}" y="16">{escape(name.replace("_", " "))}</text>'
        f'<text class="quiet" x="{LEFT}" y="30">{_arrow(figures)} ms</text>'
        f'<line x1="{LEFT}" y1="{FLOOR}" x2="{RIGHT}" y2="{FLOOR}"/><polyline points="{line}"/>'
    )


def _arrow(figures: Sequence[float]) -> str:
    return " to ".join(f"{figure:.1f}" for figure in (figures[0], figures[-1]))
