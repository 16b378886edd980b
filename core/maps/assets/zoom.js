/* Zoom levels. A grid without reference system has the pixel of the screen at level 0. */

/* The level at which a pixel of the raster is a pixel of the screen. */
export const native = ({ georeferenced, zoom }) => (georeferenced ? zoom : 0);

/* How far out and in the map goes. */
export function limits({ georeferenced, zoom }) {
  return georeferenced ? { minZoom: 2, maxZoom: zoom + 4 } : { minZoom: -zoom - 2, maxZoom: 4 };
}

/* Options of a Leaflet layer by which it asks for the tiles that there are. */
export function numbering({ georeferenced, zoom }) {
  if (georeferenced) return { maxNativeZoom: zoom };
  // Leaflet's own minZoom is 0: nothing would show from further away.
  return { minNativeZoom: -zoom, maxNativeZoom: 0, zoomOffset: zoom, minZoom: -zoom - 2 };
}

/* Widths of a reference outline and of its halo, in pixels of the screen, its opacity, and whether it
   lies over what is shown: from far away a line must not bury a small landslide. Where what is shown
   covers the ground (not `sparse`) a line under it would be lost. */
export function outlined(zoom, setup, sparse) {
  const out = native(setup) - zoom;
  if (out < 0.75) return { ink: 1.4, halo: 3.6, opacity: 1, over: true };
  const ink = Math.max(0.4, 1.4 * 2 ** (0.75 * (0.75 - out)));
  const far = out >= 1.25;
  return { ink, halo: far ? 0 : ink + 1.2, opacity: far ? 0.75 : 1, over: !(far && sparse) };
}
