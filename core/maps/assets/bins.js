/* A probability travels as one of 200 bins, display value 1 + bin; `core.display.bins`. */
export const BINS = 200;

/* The first bin that counts as landslide. */
export const firstBin = (threshold) => Math.round(threshold * BINS);
