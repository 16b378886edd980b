"""What a scene tells about each factor: share of valid pixels, range, quantiles, histogram.

For display only; what a model normalises with is fitted on its training tiles.
"""

import numpy as np

from core.errors import SlideScopeError

SAMPLE_PIXELS = 1_000_000
BINS = 40
MAX_CLASSES = 256
QUANTILES = (0.02, 0.5, 0.98)


class Summary:
    """Takes the blocks of one factor, row by row from the top, and sums them up.

    Counts, minimum and maximum are exact; quantiles and histogram come from a regular sample of
    about a million pixels.
    """

    def __init__(self, name: str, shape: tuple[int, int], categorical: bool):
        self._name, self._categorical = name, categorical
        self._total = shape[0] * shape[1]
        self._step = max(1, int(np.ceil(np.sqrt(self._total / SAMPLE_PIXELS))))
        self._row, self._valid = 0, 0
        self._low, self._high = np.inf, -np.inf
        self._sample: list[np.ndarray] = []
        self.classes: dict[int, int] = {}

    def add(self, values: np.ndarray) -> None:
        """Take float32 (rows, width) of the next rows, NaN = no data."""
        valid = values[np.isfinite(values)]
        self._valid += valid.size
        if valid.size:
            self._low = min(self._low, float(valid.min()))
            self._high = max(self._high, float(valid.max()))
        if self._categorical:
            self._count_classes(valid)
        else:
            sample = values[-self._row % self._step :: self._step, :: self._step]
            self._sample.append(sample[np.isfinite(sample)])
        self._row += len(values)

    def _count_classes(self, valid: np.ndarray) -> None:
        codes, counts = np.unique(valid, return_counts=True)
        if codes.size and ((codes != np.round(codes)).any() or np.abs(codes).max() >= 2**24):
            odd = codes[(codes != np.round(codes)) | (np.abs(codes) >= 2**24)][0]
            raise SlideScopeError(
                f"Factor '{self._name}' is categorical but holds {odd:g}: class codes are whole "
                "numbers below 16 million; choose another band, or leave --categorical out."
            )
        for code, count in zip(codes, counts):
            self.classes[int(code)] = self.classes.get(int(code), 0) + int(count)
        if len(self.classes) > MAX_CLASSES:
            raise SlideScopeError(
                f"Factor '{self._name}' is categorical but has more than {MAX_CLASSES} values: it "
                "looks continuous; choose another band, or leave --categorical out."
            )

    @property
    def valid_share(self) -> float:
        return self._valid / self._total

    @property
    def negative_share(self) -> float:
        """Share of the known values that are below 0, from the sample."""
        return float((self._known() < 0).mean()) if self._valid else 0.0

    def figures(self) -> dict:
        """Valid share, range, quantiles and histogram, under the names SceneFactor gives them."""
        if not self._valid:
            return {"valid_share": 0.0}
        counts, edges = self._class_histogram() if self._categorical else self._histogram()
        sample = self._known()
        return {
            "valid_share": self.valid_share,
            "minimum": self._low,
            "maximum": self._high,
            "quantiles": tuple(float(q) for q in np.quantile(sample, QUANTILES)),
            "histogram": {"edges": [float(e) for e in edges], "counts": [int(c) for c in counts]},
        }

    def _known(self) -> np.ndarray:
        if self._categorical:
            return np.repeat(list(self.classes), _scaled(list(self.classes.values())))
        sample = np.concatenate(self._sample)
        # A handful of valid pixels may fall between those of the sample.
        return sample if sample.size else np.array([self._low, self._high])

    def _histogram(self) -> tuple[np.ndarray, np.ndarray]:
        sample = self._known()
        low, high = np.quantile(sample, (0.002, 0.998))
        if low == high:
            low, high = low - 0.5, high + 0.5
        return np.histogram(sample, BINS, (low, high))

    def _class_histogram(self) -> tuple[list[int], list[float]]:
        """One bin a class, in the order of codes."""
        codes = sorted(self.classes)
        return [self.classes[c] for c in codes], [*(c - 0.5 for c in codes), codes[-1] + 0.5]


def _scaled(counts: list[int]) -> np.ndarray:
    """Counts brought down to at most a sample's size, each at least 1."""
    factor = max(1.0, sum(counts) / SAMPLE_PIXELS)
    return np.maximum(1, (np.array(counts) / factor).astype(int))
