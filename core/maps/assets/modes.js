/* How the layers share the frame. */
import { t } from "./words.js";

export const MODES = {
  swipe: () => t("Swipe"),
  grid: () => "2\u2009\u00d7\u20092",
  blink: () => t("Blink"),
  one: () => t("One"),
};
const SLOTS = { left: () => t("left"), right: () => t("right"), third: () => t("third"), fourth: () => t("fourth") };

/* What a slot is called. */
export const called = (slot) => SLOTS[slot]();

/* The slots whose name lies over their part of the map; the swipe has names of its own. */
export function named(mode, phase) {
  return { swipe: [], grid: ["left", "right", "third", "fourth"], blink: [phase], one: ["one"] }[mode];
}

/* The panes of the first map that are seen; in the 2 x 2 view it is the left one alone. */
export function seen(mode, phase) {
  return { swipe: ["left", "right"], grid: ["left"], blink: [phase], one: ["one"] }[mode];
}
