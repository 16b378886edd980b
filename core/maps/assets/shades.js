/* Display value (0 = no data, 1..255) -> colour. A change of threshold or style is a new table of
   256 entries; tiles are recoloured through it without asking the server. */
import { BINS, firstBin } from "./bins.js";

/* Index into 256 colours of display value v, or -1 where nothing is drawn. The colours of a
   probability end at `top`. */
export function shade({ kind, classes }, v, threshold, top = 1) {
  if (v === 0) return -1;
  if (kind === "probability") {
    const bin = v - 1;
    const shown = bin < BINS && bin >= firstBin(threshold);
    return shown ? Math.min(255, Math.round(((bin + 0.5) / BINS / top) * 255)) : -1;
  }
  if (kind === "categorical") return v - 1;
  if (kind === "mask") return v === 2 ? 0 : -1;
  if (kind === "change") return v === 1 ? -1 : v - 1;
  // Value 1 is "none of them": the rest share the whole ramp.
  if (kind === "count") return v === 1 ? -1 : Math.round((255 * (v - 1)) / (classes.length - 1));
  return Math.round(((v - 1) / 254) * 255);
}

/* Whether a layer is drawn on part of the ground alone. */
export const sparse = ({ kind }) => ["probability", "mask", "change", "count"].includes(kind);

/* One pixel of a canvas, as its memory holds it. */
export function pixel([r, g, b]) {
  return ((255 << 24) | (b << 16) | (g << 8) | r) >>> 0;
}

/* 256 pixels by display value. style: {threshold, top, fill: [r, g, b] or null for one flat colour};
   `colours` are the 256 of the style's table. */
export function lookup(layer, style, colours) {
  const table = new Uint32Array(256);
  for (let v = 1; v < 256; v++) {
    const at = shade(layer, v, style.threshold, style.top);
    if (at < 0 || at > 255) continue; // no such class
    table[v] = pixel(style.fill || colours[at]);
  }
  return table;
}
