/* What lies at a place of the map, in words. */
import { BINS } from "./bins.js";
import { number, unit } from "./numbers.js";
import { t } from "./words.js";

const UNKNOWN = "\u2013";

/* What a display value of a layer means; null or undefined where nothing is loaded. */
export function read(layer, v) {
  if (v === null || v === undefined) return UNKNOWN;
  if (v === 0) return t("no data");
  if (layer.kind === "probability") return "p " + ((v - 1) / BINS).toFixed(3);
  if (["categorical", "mask", "change", "count"].includes(layer.kind)) {
    const found = layer.classes.find(([value]) => value === v);
    return found ? found[1] : UNKNOWN;
  }
  const value = layer.lo + ((v - 1) / 254) * (layer.hi - layer.lo);
  const beyond = layer.kind !== "continuous" ? "" : v === 1 ? "\u2264 " : v === 255 ? "\u2265 " : "";
  return beyond + number(value, layer.hi - layer.lo) + unit(layer.unit);
}

/* The place itself; a grid without reference system has rows that run down. */
export function where({ lat, lng }, georeferenced) {
  if (!georeferenced) {
    return t("row {row}, column {column}", { row: Math.floor(-lat), column: Math.floor(lng) });
  }
  const half = (value, plus, minus) => `${Math.abs(value).toFixed(5)}\u00b0 ${value < 0 ? minus : plus}`;
  return `${half(lat, "N", "S")}, ${half(lng, "E", "W")}`;
}
