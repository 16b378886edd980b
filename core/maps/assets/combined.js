/* Layers made of others at the live threshold; what their values mean stands in `setup.rules`
   (`core.maps.combined`). A layer's `parts` are {url, kind}: a probability counts where it reaches
   the threshold, a mask where it is landslide. */
import { firstBin } from "./bins.js";

export function errors(setup, layer) {
  return made("errors", setup.rules.errors, [layer, setup.reference]);
}

/* Without a reference there is only a difference between the two. */
export function gained(setup, left, right) {
  if (setup.reference === null) return made("gained", setup.rules.difference, [left, right]);
  return made("gained", setup.rules.gained, [left, right, setup.reference]);
}

function made(id, rule, layers) {
  const parts = layers.map(({ url, kind }) => ({ url, kind }));
  const url = [id, ...parts.map((part) => part.url)].join(" ");
  return { ...rule, id, kind: "change", unit: "", parts, url };
}

/* Whether the values of a layer are made of other layers'. */
export function isMade(layer) {
  return Boolean(layer.parts && layer.parts.length);
}

const NO_SUM = 4096; // beyond any sum of parts
const sums = new Uint16Array(65536);

/* Write the combined display values of one tile into `into`, from the values of its parts. */
export function combine(layer, parts, threshold, into) {
  const first = firstBin(threshold);
  const counted = layer.rule === "count";
  sums.fill(0);
  parts.forEach((values, i) => {
    const step = steps(layer.parts[i].kind, counted ? 1 : 1 << i, first);
    for (let k = 0; k < 65536; k++) sums[k] += step[values[k]];
  });
  const { values } = layer;
  for (let k = 0; k < 65536; k++) {
    const sum = sums[k];
    into[k] = sum >= NO_SUM ? 0 : counted ? sum + 1 : values[sum];
  }
}

/* What each display value of a part adds to the sum. */
function steps(kind, weight, first) {
  const table = new Uint16Array(256);
  table[0] = NO_SUM;
  for (let v = 1; v < 256; v++) {
    if (kind === "mask" ? v === 2 : v > first) table[v] = weight;
  }
  return table;
}
