"""What single places and lines of a scene print for people."""

from core.numerals import number

SHOWN_SAMPLES = 12  # --csv has all


def show_displacement(result: dict) -> None:
    for line in result.get("landslides", ()):
        rate = "no rate" if line["rate_mm_yr"] is None else f"{line['rate_mm_yr']:+.1f} mm/yr"
        print(f"  landslide {line['landslide']:<6}{rate:<16}{line['pixels_kept']} pixels")
    found = result.get("displacement")
    if not found:
        return
    error = "" if found["rate_error"] is None else f" +- {found['rate_error']:.1f}"
    print(f"{found['title']}: {found['rate']:.1f}{error} mm/yr towards the satellite")
    for day, mm in zip(found["dates"], found["mm"]):
        print(f"  {day}  {'no pair' if mm is None else f'{mm:8.1f} mm'}")
    for each in result.get("residuals", ()):
        print(f"  {each['name']}  {each['cycles']:+.3f} cycles")


def show_profile(result: dict) -> None:
    unit, along = result["unit"], result["along"]
    print(f"{result['length']:.1f} {unit} ({result['how']})")
    if "area" in result:
        print(f"Area: {result['area']:.1f} {'px' if unit == 'px' else 'm2'}")
    count = len(result["distance"])
    print("  ".join(f"{name:>12}" for name in (unit, *along)))
    for i in range(0, count, max(1, count // SHOWN_SAMPLES)):
        row = (result["distance"][i], *(values[i] for values in along.values()))
        print("  ".join(f"{'no data' if v is None else _short(v):>12}" for v in row))


def _short(value: float) -> str:
    return number(value, 100 if abs(value) >= 100 else 10 if abs(value) >= 1 else 0.1)
