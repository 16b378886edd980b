/* What the pixels of both maps reach: a histogram's outline, and a threshold where none is reached. */
import { BINS, firstBin } from "./bins.js";
import { t } from "./words.js";

const HIGH = 22;

/* A filled path, 200 wide and 22 high, of the logarithm of counts, one a bin. */
export function outline(counts) {
  const most = Math.log1p(Math.max(...counts)) || 1;
  const steps = counts.map((count, i) => {
    const y = (HIGH - (HIGH * Math.log1p(count)) / most).toFixed(1);
    return `L${i},${y}L${i + 1},${y}`;
  });
  return `M0,${HIGH}${steps.join("")}L${counts.length},${HIGH}Z`;
}

/* {highest, proposed} where no pixel of any side reaches the threshold, else null. */
export function unreached(sides, threshold) {
  const known = sides.filter(Boolean);
  const highest = Math.max(-1, ...known.map(({ bins }) => bins.findLastIndex((count) => count > 0)));
  if (highest < 0 || highest >= firstBin(threshold)) return null;
  const { proposed } = known.at(-1); // the right side, where there is one
  return { highest: highest / BINS, proposed };
}

export function words(threshold, { highest, proposed }) {
  const [asked, most, use] = [threshold, highest, proposed].map((value) => value.toFixed(3));
  return t("Nothing reaches {asked}, highest {most}: use {use}", { asked, most, use });
}
