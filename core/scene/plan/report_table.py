"""The alignment report in words: a column a question, a row an input, as a page shows it."""

from pathlib import Path

from core.factors import factor
from core.language.translation import message
from core.numerals import number, percent
from core.scene.plan.override import OPTIONS

_NOT_FACTORS = {"inventory": "Landslide inventory", "second": "Rate, second orbit"}


def columns(rows: list[dict]) -> dict[str, list[str]]:
    """The table of `core.scene.plan.alignment.rows`."""
    return {
        "Input": [title(row) for row in rows],
        "File": [file_of(row) for row in rows],
        "What is done": [done(row) for row in rows],
        "Look out": [" ".join(f"{p['told']}." for p in row["problems"]) for row in rows],
        "Values": [_values(row) for row in rows],
        "No data": [_no_data(row) for row in rows],
        "Covers of the grid": [percent(min(1.0, row["overlap"])) for row in rows],
        "Reference system": [_system(row) for row in rows],
        "Pixel": [_pixel(row) for row in rows],
        "Type": [_type(row) for row in rows],
    }


def title(row: dict) -> str:
    """The factor's title; the number of the file where it is one of several."""
    name = row["factor"]
    words = title_of(name)
    return words if row["key"] == name else f"{words}, file {row['file']}"


def title_of(name: str) -> str:
    return _NOT_FACTORS.get(name) or factor(name).title


def cure(problem: dict) -> str:
    """What a button says that cures a problem.

    >>> cure({"option": "nodata", "value": "65535"}), cure({"option": "unit", "value": "ft"})
    ('Leave 65535 out', 'Unit of the file: ft')
    """
    option, value = problem["option"], problem["value"]
    return f"Leave {value} out" if option == "nodata" else f"{OPTIONS[option].title}: {value}"


def file_of(row: dict) -> str:
    band = row.get("band") or 1
    return Path(row["path"]).name + (f", band {band}" if band > 1 else "")


def done(row: dict) -> str:
    """What will be done to an input.

    >>> done({"kernel": "bilinear", "reprojected": True, "fill": "gaps stay no data"})
    'resampled, bilinear; reprojected; gaps stay no data'
    """
    kernel = row["kernel"]
    plain = ("copied", "burnt by pixel centre")
    words = [kernel if kernel in plain else f"resampled, {kernel}"]
    if kernel == "inverse distance":
        words = ["gridded by inverse distance"]
    datum = [row["transformation"]] if row.get("transformation") else []
    return "; ".join([*words, *["reprojected"] * row["reprojected"], *datum, row["fill"]])


def decision(option: str, text: str) -> str:
    """
    >>> decision("nodata", "none"), decision("unit", "m/yr")
    ('no-data value: none, every value counts', 'unit of the file: m/yr')
    """
    if option == "nodata" and text == "none":
        text = "none, every value counts"
    title = OPTIONS[option].title
    return f"{title[0].lower()}{title[1:]}: {text}"


def _values(row: dict) -> str:
    if row.get("minimum") is None:
        if "polygons" in row:
            classes = f", classes by '{row['attribute']}'" if row["attribute"] else ""
            return f"{row['polygons']} polygons{classes}"
        return "–"
    low, high = row["minimum"], row["maximum"]
    span = high - low or abs(high)
    unit = row["unit"].replace("*10000", " × 10⁴")
    text = f"{number(low, span)} to {number(high, span)} {unit}".rstrip()
    if row["file_unit"] and row["file_unit"] != row["unit"]:
        text += f" (file in {row['file_unit']}, {row['unit_from']})"
    if "points" in row:
        text += f", {row['points']} points, column '{row['attribute']}'"
    return text


def _no_data(row: dict) -> str:
    if "nodata_share" not in row:
        return "–"
    value = row["nodata"]
    declared = (
        "none declared" if value is None else value if isinstance(value, str) else f"{value:g}"
    )
    return f"{percent(row['nodata_share'])} ({declared})"


def _system(row: dict) -> str:
    crs = row["crs"]
    if crs is None:
        return "none"
    return crs if len(crs) < 40 else "its own"


def _pixel(row: dict) -> str:
    if "resolution" not in row:
        return "–"
    x, y = row["resolution"]
    return f"{x:.4g}" if abs(x - y) < 1e-6 * x else f"{x:.4g} × {y:.4g}"


def _type(row: dict) -> str:
    if "dtype" not in row:
        return message("point features" if "points" in row else "polygons")
    times, plus = row["scale"], row["offset"]
    return row["dtype"] + ("" if (times, plus) == (1, 0) else f" × {times:g} + {plus:g}")
