/* What stands in the legend: an entry for each thing that is shown, shared by equal layers. */
import { isMade } from "./combined.js";
import { number, unit } from "./numbers.js";
import { shade } from "./shades.js";
import { t } from "./words.js";

const MOST_CLASSES = 12;

/* {layer, flat, fill, sides} each; `views` are {where, layer, fill} of every part of the map. */
export function entries(views) {
  const found = new Map();
  for (const { where, layer, fill } of views) {
    const flat = Boolean(layer.kind === "probability" && fill);
    // The errors of both sides read alike.
    const read = layer.kind === "probability" ? "probability" : isMade(layer) ? layer.id : layer.url;
    const key = flat ? `mask ${fill}` : read;
    if (!found.has(key)) found.set(key, { layer, flat, fill, sides: [] });
    if (where) found.get(key).sides.push(where);
  }
  return [...found.values()];
}

export function title({ layer, flat }) {
  if (flat) return t("Predicted mask");
  return layer.kind === "probability" ? t("Probability") : layer.title;
}

/* {shown: [value, word, index into the colours] of the classes that are drawn, more: how many
   there are beyond those}. */
export function classes(layer, threshold) {
  const drawn = layer.classes
    .map(([v, word]) => [v, word, shade(layer, v, threshold)])
    .filter(([, , at]) => at >= 0);
  return { shown: drawn.slice(0, MOST_CLASSES), more: Math.max(0, drawn.length - MOST_CLASSES) };
}

/* The words under a ramp, from its beginning to its end. */
export function ends(layer) {
  if (layer.kind === "grey") return [t("in shade"), t("lit")];
  const range = layer.hi - layer.lo;
  const words = [layer.lo, (layer.lo + layer.hi) / 2, layer.hi].map((v) => number(v, range));
  words[2] += unit(layer.unit);
  return words;
}
