/* The sentence over the map: what both sides find, mark and raise wrongly, and their difference.
   Figures are those of `core.maps.headline`; here they only become words. */
import { number } from "./numbers.js";
import { t } from "./words.js";

const TITLES = { rs: "RS", "rs-dr": "RS-DR" };
// A place in a message that the name of a side will take.
const NAME = /\{(one|other)\}/;

export const meaning = () => t("RS: without, RS-DR: with InSAR deformation");

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
  if (second !== undefined && called[0] === called[1]) return sentence(called, { sides: [null, sides[1]], unit }, at, alarms);
  const detected = second === undefined ? alone(sides[first], at) : both(sides, at);
  const wrongly = falsely(alarms && known.map((i) => alarms[i]));
  const [much, before] = known.map((i) => marked(sides[i].marked[at], unit));
  const words = { detected, wrongly, covered: covered(much, before) };
  return parts(t("{detected}; {wrongly}; {covered}.", words), called, first);
}

/* A text cut at the names of the sides; `first` is the one that it speaks of. */
function parts(text, called, first) {
  const side = (i) => [called[i], i ? "right" : "left"];
  const cut = text.split(NAME).map((piece, i) => {
    if (i % 2) return side(piece === "one" ? first : 1 - first);
    return [piece, ""];
  });
  return cut.filter(([piece]) => piece);
}

function alone({ landslides, found }, at) {
  if (!landslides) return t("{one}: no landslide of the inventory lies wholly there");
  return t("{one} finds {share}", { share: share(found[at], landslides) });
}

function both(sides, at) {
  const [before, after] = sides.map(({ found }) => found[at]);
  const [fewer, many] = sides.map(({ landslides }) => landslides);
  if (!many) return alone(sides[1], at);
  const values = { share: share(after, many), before };
  if (fewer !== many) return t("{one} finds {share}, {other} {before} of {all}", { ...values, all: fewer });
  if (before === after) return t("{one} and {other} both find {share}", values);
  const more = after - before;
  if (more > 0) return t("{one} finds {share}, {other} {before}: {more} more", { ...values, more });
  return t("{one} finds {share}, {other} {before}: {less} fewer", { ...values, less: -more });
}

function share(found, all) {
  return all === 1 ? t("{found} of 1 landslide", { found }) : t("{found} of {all} landslides", { found, all });
}

function falsely(alarms) {
  if (!alarms) return t("false alarms: counting");
  const [now, before] = alarms;
  const words = now === 1 ? t("1 false alarm") : t("{now} false alarms", { now });
  if (before === undefined) return words;
  return before === now ? t("{words} each", { words }) : t("{words} instead of {before}", { words, before });
}

function covered(much, before) {
  if (before === undefined || before === much) return t("{much} marked", { much });
  return t("{much} marked instead of {before}", { much, before });
}
