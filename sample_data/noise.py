"""Random numbers and random fields, each drawn from the seed and the layer's name alone."""

from __future__ import annotations

import zlib

import numpy as np
import scipy.fft
from scipy import ndimage

BROAD = 160  # pixels across a broad field before it is stretched over the domain


def generator(seed: int, name: str) -> np.random.Generator:
    """A generator that depends on seed and name only, so layers can change without each other."""
    return np.random.default_rng([seed, zlib.crc32(name.encode())])


def field(
    size: int,
    seed: int,
    name: str,
    slope: float,
    longest: float | None = None,
    shortest: float = 2.0,
) -> np.ndarray:
    """Isotropic Gaussian field, float32 (size, size), mean 0 and standard deviation 1.

    Power falls as wavenumber ** -slope between the wavelengths `longest` and `shortest`, in
    pixels. The Fourier sum is periodic, so a wider field is drawn and its edge cut off.
    """
    wide = scipy.fft.next_fast_len(int(size * 1.15), real=True)
    rows, cols = scipy.fft.fftfreq(wide)[:, None], scipy.fft.rfftfreq(wide)[None]
    wavenumber = np.hypot(rows, cols).astype(np.float32)
    wavenumber[0, 0] = 1
    amplitude = wavenumber ** (-slope / 2) * (wavenumber <= 1 / shortest)
    if longest is not None:
        amplitude /= 1 + (1 / (longest * wavenumber)) ** 4
    amplitude[0, 0] = 0
    real, imaginary = generator(seed, name).standard_normal(
        (2, *wavenumber.shape), dtype=np.float32
    )
    values = scipy.fft.irfft2((real + 1j * imaginary) * amplitude, s=(wide, wide))[:size, :size]
    return ((values - values.mean()) / values.std()).astype(np.float32)


def broad_field(size: int, seed: int, name: str, slope: float, order: int = 1) -> np.ndarray:
    """A smooth field that is the same landscape at whatever resolution it is asked for."""
    return ndimage.zoom(field(BROAD, seed, name, slope), size / BROAD, order=order)[:size, :size]


def white(size: int, seed: int, name: str) -> np.ndarray:
    """Uncorrelated standard normal noise, float32 (size, size)."""
    return generator(seed, name).standard_normal((size, size), dtype=np.float32)


def sigmoid(values: np.ndarray) -> np.ndarray:
    """Logistic function, the soft threshold of every layer here.

    >>> float(sigmoid(np.float64(0.0)))
    0.5
    """
    return 1 / (1 + np.exp(-np.clip(values, -30, 30)))
