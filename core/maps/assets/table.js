/* Colour tables: display value (0 = no data, 1..255) -> RGBA. A change of threshold or style is a
   new table of 256 entries; tiles are recoloured through it without asking the server. */
window.SlideScope = window.SlideScope || {};

SlideScope.BINS = 200;

SlideScope.unpack = function (packed) {
  const colours = [];
  for (let i = 0; i < packed.length; i += 6) {
    colours.push([0, 2, 4].map((k) => parseInt(packed.slice(i + k, i + k + 2), 16)));
  }
  return colours;
};

/* The 256 colours of a table of the setup, unpacked once. */
SlideScope.colours = (function () {
  const unpacked = {};
  return function (name) {
    const packed = SlideScope.tables[name] || SlideScope.tables.grey;
    return (unpacked[name] = unpacked[name] || SlideScope.unpack(packed));
  };
})();

SlideScope.rgb = function (hex) {
  return SlideScope.unpack(hex.slice(1))[0];
};

/* The first probability bin that counts as landslide; `core.learning.bins.first_bin`. */
SlideScope.firstBin = function (threshold) {
  return Math.round(threshold * SlideScope.BINS);
};

/* Index into 256 colours of display value v, or -1 where nothing is drawn. */
SlideScope.shade = function ({ kind, classes }, v, threshold) {
  if (v === 0) return -1;
  if (kind === "probability") {
    const bin = v - 1;
    const shown = bin < SlideScope.BINS && bin >= SlideScope.firstBin(threshold);
    return shown ? Math.round(((bin + 0.5) / SlideScope.BINS) * 255) : -1;
  }
  if (kind === "categorical") return v - 1;
  if (kind === "mask") return v === 2 ? 0 : -1;
  if (kind === "change") return v === 1 ? -1 : v - 1;
  // Value 1 is "none of them": the rest share the whole ramp.
  if (kind === "count") return v === 1 ? -1 : Math.round((255 * (v - 1)) / (classes.length - 1));
  return Math.round(((v - 1) / 254) * 255);
};

/* style: {table: 256 colours' name, threshold, fill: [r, g, b] or null for one flat colour} */
SlideScope.lookup = function (layer, style) {
  const colours = SlideScope.colours(style.table);
  const table = new Uint32Array(256);
  for (let v = 1; v < 256; v++) {
    const at = SlideScope.shade(layer, v, style.threshold);
    if (at < 0 || at > 255) continue; // no such class
    const [r, g, b] = style.fill || colours[at];
    table[v] = ((255 << 24) | (b << 16) | (g << 8) | r) >>> 0;
  }
  return table;
};

/* What a display value means, in words. */
SlideScope.read = function (layer, v) {
  if (v === null || v === undefined) return "\u2013";
  if (v === 0) return "no data";
  if (layer.kind === "probability") return "p " + ((v - 1) / SlideScope.BINS).toFixed(3);
  if (["categorical", "mask", "change", "count"].includes(layer.kind)) {
    const found = layer.classes.find(([value]) => value === v);
    return found ? found[1] : "\u2013";
  }
  const value = layer.lo + ((v - 1) / 254) * (layer.hi - layer.lo);
  const beyond = layer.kind !== "continuous" ? "" : v === 1 ? "\u2264 " : v === 255 ? "\u2265 " : "";
  return beyond + SlideScope.number(value, layer.hi - layer.lo) + SlideScope.unit(layer.unit);
};

SlideScope.unit = function (unit) {
  return unit ? (unit === "\u00b0" ? unit : "\u2009" + unit) : "";
};

/* As many decimals as the range deserves, thin spaces for thousands, a true minus sign. */
SlideScope.number = function (value, range) {
  const decimals = range >= 50 ? 0 : range >= 5 ? 1 : range >= 0.5 ? 2 : 3;
  const [whole, part] = Math.abs(value).toFixed(decimals).split(".");
  const spaced = whole.replace(/\B(?=(\d{3})+$)/g, "\u2009") + (part ? "." + part : "");
  return (value < 0 && Number(whole + "." + (part || 0)) !== 0 ? "\u2212" : "") + spaced;
};
