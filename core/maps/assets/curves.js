/* The PR and ROC curves of both sides and the table beside them. A side holds a list for every
   metric, one value a threshold; it is null where there is nothing to score. */
import { points } from "./numbers.js";
import { t } from "./words.js";

export const PLOTS = [
  { title: "PR", x: "recall", y: "precision" },
  { title: "ROC", x: "fpr", y: "recall" },
];
const AXES = { recall: () => t("recall"), precision: () => t("precision"), fpr: () => "FPR" };

/* What a plot has on its axes. */
export const axes = ({ x, y }) => t("{y} over {x}", { y: AXES[y](), x: AXES[x]() });

/* A place of the unit square in a picture of 100 x 100, whose y runs down. */
export const inPicture = (u, v) => [100 * u, 100 - 100 * v];

/* The points of a side's curve, as SVG writes them. */
export function path(side, { title, x, y }) {
  const found = side ? side[x].map((u, k) => [u, side[y][k], side.recall[k]]) : [];
  // Where nothing is predicted there is no precision: the PR curve ends before.
  const drawn = found.filter(([, , recall]) => title === "ROC" || recall > 0);
  return drawn.map(([u, v]) => inPicture(u, v).join()).join(" ");
}

/* A metric of both sides at the threshold's index `at`: left, right, what right gains in points. */
export function row(sides, metric, at) {
  const [left, right] = sides.map((side) => side && side[metric][at]);
  const shown = [left, right].map((value) => (value === null ? "\u2013" : value.toFixed(3)));
  return [...shown, left === null || right === null ? "" : points(right - left)];
}
