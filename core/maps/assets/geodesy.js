/* How long a line is and how large a polygon, from corners {lat, lng}: on WGS 84 and without relief,
   in metres; on a pixel grid in pixels. `core.maps.transect` says the same to a thousandth. */
import { number } from "./numbers.js";
import { t } from "./words.js";

const A = 6378137;
const E2 = 0.00669437999014;
const E = Math.sqrt(E2);
const rad = (degrees) => (degrees * Math.PI) / 180;

/* Between two corners: the ellipsoid's curvature at their middle, good for what a map shows. */
function between(from, to) {
  const middle = rad((from.lat + to.lat) / 2);
  const bend = 1 - E2 * Math.sin(middle) ** 2;
  const [along, across] = [A / Math.sqrt(bend), (A * (1 - E2)) / bend ** 1.5];
  const [east, north] = [rad(to.lng - from.lng) * Math.cos(middle), rad(to.lat - from.lat)];
  return Math.hypot(along * east, across * north);
}

export function length(corners, georeferenced) {
  const plain = (from, to) => Math.hypot(to.lat - from.lat, to.lng - from.lng);
  const one = georeferenced ? between : plain;
  return corners.slice(1).reduce((sum, corner, i) => sum + one(corners[i], corner), 0);
}

/* Half of the area between the equator and a latitude, a radian wide, in units of A squared. */
function belt(lat) {
  const sine = Math.sin(rad(lat));
  const log = Math.log((1 - E * sine) / (1 + E * sine)) / (2 * E);
  return ((1 - E2) / 2) * (sine / (1 - E2 * sine * sine) - log);
}

export function area(corners, georeferenced) {
  const flat = georeferenced
    ? corners.map(({ lat, lng }) => [A * rad(lng), A * belt(lat)])
    : corners.map(({ lat, lng }) => [lng, lat]);
  const twice = flat.reduce((sum, [x, y], i) => {
    const [u, v] = flat[(i + 1) % flat.length];
    return sum + (x - flat[0][0]) * (v - y) - (y - flat[0][1]) * (u - x);
  }, 0);
  return Math.abs(twice) / 2;
}

/* A length as people read it. */
export function long(value, georeferenced) {
  if (!georeferenced) return `${number(value, 10)}\u2009px`;
  return value < 1000 ? `${number(value, 100)}\u2009m` : `${number(value / 1000, value / 1000)}\u2009km`;
}

/* An area: hectares, as landslides have them, square kilometres beyond a hundred. */
export function large(value, georeferenced) {
  if (!georeferenced) return `${number(value, 100)}\u2009px\u00b2`;
  const hectares = value / 1e4;
  if (hectares < 100) return `${number(hectares, hectares < 1 ? 0.1 : hectares)}\u2009ha`;
  return `${number(hectares / 100, hectares / 100)}\u2009km\u00b2`;
}

/* What a figure is, in small print. */
export const how = (georeferenced) =>
  georeferenced ? t("geodesic, without relief") : t("pixels: no reference system");
