"""Tiny stacks of interferograms on disk, as HyP3, LiCSAR, PyRate and MintPy name them.

The truth: -60 mm/yr towards the satellite in rows 6 to 11, columns 8 to 15, 0 elsewhere; no noise,
but every pair begins at a phase of its own. Row 0 is no data.
"""

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from pathlib import Path

import h5py
import numpy as np
import rasterio
from rasterio.transform import Affine, from_origin

WAVELENGTH_M = 0.055465763
HEIGHT, WIDTH = 20, 24
START = date(2021, 1, 9)
DAYS = (0, 12, 24, 48, 60, 72, 96)
PAIRS = ((0, 1), (0, 2), (1, 2), (1, 3), (2, 3), (2, 4), (3, 4), (3, 5), (4, 5), (4, 6), (5, 6))
METRES = (0.0, 33.0, -20.5, 51.0, 4.25, -45.0, 10.0)
UTM, DEGREES = from_origin(500_000, 3_010_000, 80, 80), from_origin(103, 27.2, 0.001, 0.001)
# Changes what is written of a pair: (pair, phase, coherence, transform) -> the same three.
Change = Callable[..., tuple]


def dates(days: Sequence[int] = DAYS) -> list[date]:
    return [START + timedelta(d) for d in days]


def rate() -> np.ndarray:
    values = np.zeros((HEIGHT, WIDTH))
    values[6:12, 8:16] = -60
    return values


def phase(a: int, b: int) -> np.ndarray:
    """Radians of a pair, positive away from the satellite; 0 in row 0, which is no data."""
    years = (DAYS[b] - DAYS[a]) / 365.25
    values = -4 * np.pi / (WAVELENGTH_M * 1000) * rate() * years + 2.3 + 7 * a - 5 * b
    values[0] = 0
    return values.astype(np.float32)


def coherence() -> np.ndarray:
    values = np.full((HEIGHT, WIDTH), 0.7, np.float32)
    values[14:18, 2:6] = 0.95
    values[0] = 0
    return values


def write(
    path: Path, values: np.ndarray, transform: Affine = UTM, crs="EPSG:32648", **tags
) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    profile = {"driver": "GTiff", "count": 1, "dtype": values.dtype.name, "compress": "deflate"}
    profile |= {"height": values.shape[0], "width": values.shape[1], "transform": transform}
    with rasterio.open(path, "w", crs=crs, **profile, **tags.pop("profile", {})) as file:
        file.write(values, 1)
        file.update_tags(**tags)
    return path


def same(k, phase, coherence, transform):
    return phase, coherence, transform


def hyp3(
    folder: Path,
    pairs: Sequence[tuple[int, int]] = PAIRS,
    change: Change = same,
    swapped: Sequence[int] = (),
    orbit: Callable[[int], int] = lambda k: 36000,
    **profile,
) -> Path:
    """A stack of HyP3's GAMMA products, a folder each; `swapped`: those with the later date first.

    `change` may return None for a phase or coherence that is missing.
    """
    when = dates()
    for k, (a, b) in enumerate(pairs):
        one, two = (b, a) if k in swapped else (a, b)
        days = DAYS[two] - DAYS[one]
        name = f"S1AA_{when[one]:%Y%m%d}T112233_{when[two]:%Y%m%d}T112235_VV"
        name += f"{'R' if days < 0 else 'P'}{abs(days):03d}_INT80_G_ueF_{k:02d}AB"
        turned = -phase(a, b) if k in swapped else phase(a, b)
        radians, share, transform = change(k, turned, coherence(), UTM)
        base = folder / name / name
        if radians is not None:
            write(Path(f"{base}_unw_phase.tif"), radians, transform, profile=profile)
        if share is not None:
            write(Path(f"{base}_corr.tif"), share, transform, profile=profile)
        base.parent.mkdir(parents=True, exist_ok=True)
        Path(f"{base}.txt").write_text(
            f"Reference Granule: S1A_IW_SLC__1SDV\nReference Orbit Number: {orbit(k)}\n"
            f"Reference Pass Direction: DESCENDING\nBaseline: {METRES[two] - METRES[one]}\n"
            "UTC time: 40953.1\nHeading: -169.6\nRange looks: 20\n"
        )
    return folder


def licsar(folder: Path, bytes_of_coherence: bool = True, lines: int = 99) -> Path:
    """A LiCSAR frame; `lines` of its `baselines` are there."""
    when, geoc = dates(), folder / "GEOC"
    for a, b in PAIRS:
        name = f"{when[a]:%Y%m%d}_{when[b]:%Y%m%d}"
        share = coherence()
        share = (share * 255).astype(np.uint8) if bytes_of_coherence else share
        place = (DEGREES, "EPSG:4326")
        write(geoc / name / f"{name}.geo.unw.tif", phase(a, b), *place)
        write(geoc / name / f"{name}.geo.cc.tif", share, *place)
        (geoc / name / f"{name}.geo.unw.png").write_bytes(b"a preview")
    for axis, value in (("E", 0.62), ("N", -0.11), ("U", 0.777)):
        values = np.full((HEIGHT, WIDTH), value, np.float32)
        write(geoc / f"124D_05000_131313.geo.{axis}.tif", values, DEGREES, "EPSG:4326")
    text = [
        f"{when[0]:%Y%m%d} {d:%Y%m%d} {m} {n}\n"
        for d, m, n in list(zip(when, METRES, DAYS))[1 : lines + 1]
    ]
    (geoc / "baselines").write_text("".join(text))
    (geoc / "metadata.txt").write_text("heading=-169.6\navg_incidence_angle=39.2\n")
    return folder


def pyrate(folder: Path, wavelength: float = 0.0555) -> Path:
    """PyRate's input from GAMMA: one folder, dates with a hyphen, all else in tags."""
    when = dates()
    for a, b in PAIRS:
        tags = {"WAVELENGTH_METRES": wavelength, "INCIDENCE_DEGREES": 39.7}
        tags |= {"FIRST_DATE": when[a], "SECOND_DATE": when[b], "DATA_UNITS": "RADIANS"}
        name = f"{when[a]:%Y%m%d}-{when[b]:%Y%m%d}_VV_8rlks"
        unw, cc = folder / f"c_{name}_eqa_unw.tif", folder / f"c_{name}_flat_eqa_cc.tif"
        write(unw, phase(a, b), DEGREES, "EPSG:4326", DATA_TYPE="ORIGINAL_IFG", **tags)
        write(cc, coherence(), DEGREES, "EPSG:4326", DATA_TYPE="ORIGINAL_COH", **tags)
        row = f" 0 0 0.0 39.4 4.4 27.5 22.1 {METRES[b] - METRES[a]} 39.7\n"
        (folder / f"{name}_bperp.par").write_text("line range B_t\n*****\n" + row)
    write(folder / "c_T005A_dem.tif", np.ones((HEIGHT, WIDTH), np.float32), DEGREES, "EPSG:4326")
    return folder


def mintpy(path: Path, dropped: Sequence[int] = (), **attributes) -> Path:
    """MintPy's ifgramStack.h5, geocoded; `attributes` go over its own, None takes one out."""
    when = [f"{d:%Y%m%d}".encode() for d in dates()]
    about = {"FILE_TYPE": "ifgramStack", "WIDTH": WIDTH, "LENGTH": HEIGHT, "UNIT": "radian"}
    about |= {"WAVELENGTH": WAVELENGTH_M, "HEADING": -169.6, "EPSG": 32648}
    about |= {"X_FIRST": 500_000, "Y_FIRST": 3_010_000, "X_STEP": 80, "Y_STEP": -80}
    path.parent.mkdir(parents=True, exist_ok=True)
    with h5py.File(path, "w") as file:
        file["unwrapPhase"] = np.stack([phase(a, b) for a, b in PAIRS])
        file["coherence"] = np.stack([coherence()] * len(PAIRS))
        file["date"] = np.array([(when[a], when[b]) for a, b in PAIRS])
        file["bperp"] = np.array([METRES[b] - METRES[a] for a, b in PAIRS], np.float32)
        file["dropIfgram"] = np.array([k not in dropped for k in range(len(PAIRS))])
        for key, value in (about | attributes).items():
            if value is not None:
                file.attrs[key] = str(value)
    return path
