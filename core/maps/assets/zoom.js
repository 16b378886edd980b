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
