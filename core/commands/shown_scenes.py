"""What imports, scenes and the sample print for people."""

from core.installed import COMMAND


def show_import(result: dict) -> None:
    word = "would be" if result.get("dry_run") else "is"
    print(f"Scene '{result['scene']}' {word} {result['width']} x {result['height']} pixels.")
    for line in result.get("plan", ()):
        print(f"  {line['factor']:<14}{line['source']}: {line['done']}")
    for line in result.get("report", ()):
        _show_input(line)
    for sentence in result.get("stack", {}).get("lines", ()):
        print(f"  {sentence}")
    for line in result.get("details", ()):
        valid = f"{100 * line['valid_share']:.1f} % valid"
        print(f"  {line['factor']:<14}{valid:<16}{line['source']}")
    if result.get("landslide_share") is not None:
        share = f"{100 * result['landslide_share']:.2f} % of the area"
        print(f"  Landslides: {result['landslides']}, {share}.")
    for note in result["notes"]:
        print(f"  {note}")


def show_mask(result: dict) -> None:
    kept = f"{100 * result['share_kept']:.1f} % of the ground with pairs"
    print(f"Scene '{result['scene']}': the rate is kept on {kept} ({result['mask']}).")


def _show_input(row: dict) -> None:
    """A few lines about one input of a dry run."""
    where = f"{row['crs'] or 'no coordinate reference system'}, {row['overlap']:.0%} of the grid"
    print(f"  {row['factor']:<14}{row['path']}: {where}")
    if row.get("minimum") is not None:
        span = f"{row['minimum']:.5g} to {row['maximum']:.5g}"
        span += f" {row['unit']}, file in {row['file_unit']} ({row['unit_from']})" * bool(
            row["unit"]
        )
        kind, gaps = _holding(row)
        print(f"  {'':<14}{kind}, {span}{gaps}; {row['kernel']}; {row['fill']}")
    for sentence in row["suspicious"]:
        print(f"  {'':<14}! {sentence}")


def _holding(row: dict) -> tuple[str, str]:
    """What an input is made of, and its gaps: points have no type and none."""
    if "points" in row:
        return f"{row['points']} points, column '{row['attribute']}'", ""
    return row["dtype"], f", {row['nodata_share']:.1%} no data"


def show_scenes(result: dict) -> None:
    for line in result["scenes"]:
        made_up = ", synthetic" if line["synthetic"] else ""
        size = f"{line['width']} x {line['height']}"
        print(f"{line['scene']:<20}{size:<14}{', '.join(line['factors'])}{made_up}")
    if not result["scenes"]:
        print(f"No scene yet: import one with `{COMMAND} import --help`.")


def show_sample(result: dict) -> None:
    if result.get("out"):
        print(f"Synthetic watershed in {result['out']}: {', '.join(result['files'])}")
    if stack := result.get("interferograms"):
        print(
            f"{stack['pairs']} interferograms of {stack['dates']} dates in {stack['folder']}; the "
            f"rate without any error: {stack['truth']}"
        )
    if "scene" in result:
        already = " exists already and" if result["exists"] else ""
        print(f"Scene '{result['scene']}'{already} is {result['width']} x {result['height']} px.")


def show_prepare(result: dict) -> None:
    networks = len(result["runs"])
    print(f"Scene '{result['scene']}' (synthetic) is ready, {networks} networks with it.")


def show_serve(result: dict) -> None:
    """Nothing: the server said what there was to say."""


def show_worker(result: dict) -> None:
    print(f"The scheduler at {result['address']} has ended, or needs this worker no more.")
