/* The bounds, [[south, west], [north, east]], that show the whole scene. */
export function whole({ bounds, georeferenced }) {
  const [[south, west], [north, east]] = bounds;
  const sides = [north - south, east - west];
  const [short, long] = [Math.min(...sides), Math.max(...sides)];
  if (georeferenced || long <= 4 * short) return bounds;
  // Of a long strip its beginning is more use than all of it as a hair line.
  const [down, right] = sides.map((side) => Math.min(side, Math.max(2 * short, 64)));
  return [[north - down, west], [north, west + right]];
}
