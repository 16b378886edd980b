"""What a figure, tables and the paragraph on methods print for people."""


def show_figure(result: dict) -> None:
    size = f"{result['width_mm']} x {result['height_mm']:g} mm, {result['dpi']} dots an inch"
    print(f"{', '.join(result['files'])} in {result['folder']} ({size}, {result['font']})")
    print(result["caption"])
    for note in result["notes"]:
        print(note)


def show_tables(result: dict) -> None:
    for table in result["tables"]:
        print(f"{table['title']} ({table['rows']} rows)")
    print(f"{', '.join(result['files'])} in {result['folder']}")
    for note in result["notes"]:
        print(note)


def show_methods(result: dict) -> None:
    print(result["text"])
    for note in result["notes"]:
        print(note)
