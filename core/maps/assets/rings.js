/* Rings of an outline: lists of {lat, lng}, closed without repeating the first corner. */

/* Whether every ring encloses something, so that the outline can be used. */
export function complete(rings) {
  return rings.length > 0 && rings.every((ring) => ring.length >= 3);
}

/* Half way from corner `i` to the next one. */
export function between(ring, i) {
  const [from, to] = [ring[i], ring[(i + 1) % ring.length]];
  return { lat: (from.lat + to.lat) / 2, lng: (from.lng + to.lng) / 2 };
}

/* Whether a corner may go: a triangle keeps its three, one that is being drawn does not. */
export function spare(ring, drawing) {
  return drawing || ring.length > 3;
}

/* A shape, polygons of rings, as the page takes it: every corner [lat, lng]. */
export function plain(shape) {
  return shape.map((part) => part.map((ring) => ring.map(({ lat, lng }) => [lat, lng])));
}

/* Pixels, [right, down], by which a key moves a corner; undefined for other keys. */
export const STEPS = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};
