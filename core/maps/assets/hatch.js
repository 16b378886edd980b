/* The hatch over what is not known: lines as `core.maps.hatch` draws them. */
window.SlideScope = window.SlideScope || {};

SlideScope.HATCH = { period: 8, line: 3, ink: [40, 50, 58] };

/* Draw lines over the pixels of a 256 x 256 tile whose value the layer hatches. */
SlideScope.hatch = function (layer, values, colours) {
  if (!layer.hatched || !layer.hatched.length) return;
  const hatched = new Uint8Array(256);
  for (const value of layer.hatched) hatched[value] = 1;
  const { period, line, ink } = SlideScope.HATCH;
  const [r, g, b] = ink;
  const dark = ((255 << 24) | (b << 16) | (g << 8) | r) >>> 0;
  for (let i = 0; i < 65536; i++) {
    if (hatched[values[i]] && ((i >> 8) + (i & 255)) % period < line) colours[i] = dark;
  }
};

/* The same for a swatch of the legend. */
SlideScope.hatchStyle = function (colour) {
  const { ink } = SlideScope.HATCH;
  const dark = `rgb(${ink.join()})`;
  return `repeating-linear-gradient(135deg, ${dark} 0 2px, ${colour} 2px 5px)`;
};
