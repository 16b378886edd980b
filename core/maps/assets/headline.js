/* The sentence over the map: what both sides find, mark and raise wrongly, and their difference.
   Figures are those of `core.maps.headline`; here they only become words. */
import { number } from "./numbers.js";

export const MEANING = "RS: without, RS-DR: with InSAR deformation";
const TITLES = { rs: "RS", "rs-dr": "RS-DR" };

/* What the sides are called: by their data where that is what tells them apart. */
export function names(left, right) {
  const [one, other] = [left, right].map((side) => TITLES[side.dataset]);
  const told = one && other && one !== other && left.model === right.model;
  return told ? [one, other] : [left.title, right.title];
}

/* An area of one side, small ones with more decimals. */
export const marked = (value, unit) => `${number(value, unit === "px" ? 100 : value < 1 ? 0.5 : 5)}\u2009${unit}`;

/* The sentence in parts, [text, side or ""], so that names can wear the colours of their sides.
   `sides` as the server sent them, `at` the threshold's index, `alarms` false alarms of both sides
   there, null while nobody has counted them. */
export function sentence(called, { sides, unit }, at, alarms) {
  const known = [1, 0].filter((i) => sides[i]); // the right side is what is spoken of
  if (!known.length) return [];
  const [first, second] = known;
  const side = (i) => [called[i], i ? "right" : "left"];
  if (second !== undefined && called[0] === called[1]) return sentence(called, { sides: [null, sides[1]], unit }, at, alarms);
  const parts = second === undefined ? alone(side(first), sides[first], at) : both(side, sides, at);
  parts.push([`; ${falsely(alarms && known.map((i) => alarms[i]))}`, ""]);
  const [much, before] = known.map((i) => marked(sides[i].marked[at], unit));
  const instead = before === undefined || before === much ? "" : ` instead of ${before}`;
  parts.push([`; ${much} marked${instead}.`, ""]);
  return parts;
}

function alone(name, { landslides, found }, at) {
  if (!landslides) return [name, [": no landslide of the inventory lies wholly there", ""]];
  return [name, [` finds ${found[at]} of ${landslides} ${slides(landslides)}`, ""]];
}

function both(side, sides, at) {
  const [before, after] = sides.map(({ found }) => found[at]);
  const [fewer, many] = sides.map(({ landslides }) => landslides);
  if (!many) return alone(side(1), sides[1], at);
  const of = `${after} of ${many} ${slides(many)}`;
  if (fewer !== many) return [side(1), [` finds ${of}, `, ""], side(0), [` ${before} of ${fewer}`, ""]];
  if (before === after) return [side(1), [" and ", ""], side(0), [` both find ${of}`, ""]];
  const more = after - before;
  const words = more > 0 ? `${more} more` : `${-more} fewer`;
  return [side(1), [` finds ${of}, `, ""], side(0), [` ${before}: ${words}`, ""]];
}

function falsely(alarms) {
  if (!alarms) return "false alarms: counting";
  const [now, before] = alarms;
  const words = now === 1 ? "1 false alarm" : `${now} false alarms`;
  if (before === undefined) return words;
  return before === now ? `${words} each` : `${words} instead of ${before}`;
}

const slides = (count) => (count === 1 ? "landslide" : "landslides");
