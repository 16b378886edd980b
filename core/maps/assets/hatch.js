/* The hatch over what is not known: lines as `core.maps.hatch` draws them. */
import { pixel } from "./shades.js";

export const HATCH = { period: 8, line: 3, ink: [40, 50, 58] };

/* Draw lines over the pixels of a 256 x 256 tile whose value the layer hatches. */
export function hatch(layer, values, colours) {
  if (!layer.hatched || !layer.hatched.length) return;
  const hatched = new Uint8Array(256);
  for (const value of layer.hatched) hatched[value] = 1;
  const { period, line, ink } = HATCH;
  const dark = pixel(ink);
  for (let i = 0; i < 65536; i++) {
    if (hatched[values[i]] && ((i >> 8) + (i & 255)) % period < line) colours[i] = dark;
  }
}

/* The same for a swatch of the legend. */
export function hatchStyle(colour) {
  const dark = `rgb(${HATCH.ink.join()})`;
  return `repeating-linear-gradient(135deg, ${dark} 0 2px, ${colour} 2px 5px)`;
}
