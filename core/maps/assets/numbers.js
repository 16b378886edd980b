/* Numbers as people read them; `core.numerals` writes the same. */

/* As many decimals as the range deserves, thin spaces for thousands, a true minus sign. */
export function number(value, range) {
  const decimals = range >= 50 ? 0 : range >= 5 ? 1 : range >= 0.5 ? 2 : 3;
  const [whole, part] = Math.abs(value).toFixed(decimals).split(".");
  const spaced = whole.replace(/\B(?=(\d{3})+$)/g, "\u2009") + (part ? "." + part : "");
  return (value < 0 && Number(whole + "." + (part || 0)) !== 0 ? "\u2212" : "") + spaced;
}

/* A unit as it stands behind its number: degrees follow at once, others after a thin space. */
export function unit(name) {
  return name ? (name === "\u00b0" ? name : "\u2009" + name) : "";
}

/* A difference of two shares in points, always with its sign. */
export function points(difference) {
  return `${difference < 0 ? "\u2212" : "+"}${Math.abs(100 * difference).toFixed(1)}`;
}
