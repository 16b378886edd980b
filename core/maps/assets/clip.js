/* What of the frame each side of the swipe has. */

/* Whether a tile {x, y} lies in the part of the frame that a pane shows: `shares`, [from, to], of
   the width of the frame, whose corners are `min` and `max` in pixels of the tiles' zoom. */
export function inSight({ min, max }, shares) {
  const [from, to] = shares.map((at) => min.x + at * (max.x - min.x));
  return ({ x, y }) =>
    256 * x < to && 256 * (x + 1) > from && 256 * y < max.y && 256 * (y + 1) > min.y;
}

/* {inset, width} of the names of the left and the right side, in pixels: how far each keeps from
   its edge beyond the usual, and how wide it may be. `covered` pixels of the upper right corner
   lie under the settings. */
export function labels(width, share, covered) {
  const [left, right] = [width * share, width * (1 - share)];
  // The left name keeps out of the settings' corner when the line is under them.
  const under = Math.max(0, covered - right);
  // The right one out of the zoom buttons'.
  const beside = Math.max(0, 42 - left);
  const wide = (room) => Math.min(room - 34, 250);
  return [
    { inset: under, width: wide(left - under) },
    { inset: beside, width: wide(right - covered) },
  ];
}
