/* The legend of what is shown, with units; equal layers share an entry. */
SlideScope.Legend = class {
  constructor(setup) {
    this.setup = setup;
    this.element = L.DomUtil.create("div", "ss-card ss-legend");
    this.element.setAttribute("role", "note");
    this.element.setAttribute("aria-label", "Legend");
    L.DomEvent.disableClickPropagation(this.element).disableScrollPropagation(this.element);
  }

  /* `views`: {where, layer, fill} of every part of the map. */
  draw(views, threshold) {
    const entries = new Map();
    for (const { where, layer, fill } of views) {
      const flat = layer.kind === "probability" && fill;
      const made = layer.parts && layer.parts.length; // the errors of both sides read alike
      const read = layer.kind === "probability" ? "probability" : made ? layer.id : layer.url;
      const key = flat ? `mask ${fill}` : read;
      if (!entries.has(key)) entries.set(key, { layer, flat, fill, sides: [] });
      if (where) entries.get(key).sides.push(where);
    }
    this.element.replaceChildren(
      ...[...entries.values()].map((entry) => this._entry(entry, threshold)),
    );
  }

  _entry({ layer, flat, fill, sides }, threshold) {
    const entry = L.DomUtil.create("div", "ss-entry");
    const title = L.DomUtil.create("div", "ss-title", entry);
    title.textContent = layer.kind === "probability" ? "Probability" : layer.title;
    L.DomUtil.create("i", "", title).textContent = sides.join(", ");
    const colours = SlideScope.colours(layer.table);
    if (flat) {
      title.firstChild.textContent = "Predicted mask";
      this._swatch(entry, fill, `p \u2265 ${threshold.toFixed(3)}`);
    } else if (layer.kind === "mask") {
      this._swatch(entry, this.setup.colours.reference, "landslide");
    } else if (layer.classes.length) {
      this._classes(entry, layer, colours, threshold);
    } else if (layer.kind !== "rgb") {
      this._ramp(entry, layer, threshold, colours);
    }
    return entry;
  }

  _classes(entry, layer, colours, threshold) {
    const drawn = layer.classes.filter(([v]) => SlideScope.shade(layer, v, threshold) >= 0);
    for (const [v, word] of drawn.slice(0, 12)) {
      const colour = colours[SlideScope.shade(layer, v, threshold)];
      const hatched = layer.hatched && layer.hatched.includes(v);
      const flat = `rgb(${colour.join()})`;
      this._swatch(entry, hatched ? SlideScope.hatchStyle(flat) : flat, word);
    }
    if (drawn.length > 12) {
      L.DomUtil.create("div", "ss-more", entry).textContent = `and ${drawn.length - 12} more`;
    }
    if (layer.parts && layer.parts.length) {
      L.DomUtil.create("div", "ss-more", entry).textContent = `at p \u2265 ${threshold.toFixed(3)}`;
    }
  }

  _swatch(entry, colour, word) {
    const row = L.DomUtil.create("div", "ss-swatch", entry);
    L.DomUtil.create("span", "", row).style.background = colour;
    row.append(word);
  }

  _ramp(entry, layer, threshold, colours) {
    const ramp = L.DomUtil.create("div", "ss-ramp", entry);
    const stops = [];
    for (let i = 0; i < 256; i += 15) stops.push(`rgb(${colours[i].join()})`);
    const strip = L.DomUtil.create("span", "", ramp);
    strip.style.background = `linear-gradient(to right, ${stops.join()})`;
    const ends = L.DomUtil.create("div", "ss-ends", entry);
    if (layer.kind === "grey") {
      ends.append(...["in shade", "lit"].map((word) => SlideScope.span(word)));
      return;
    }
    const range = layer.hi - layer.lo;
    const words = [layer.lo, (layer.lo + layer.hi) / 2, layer.hi].map(
      (value) => SlideScope.number(value, range),
    );
    words[2] += SlideScope.unit(layer.unit);
    ends.append(...words.map((word) => SlideScope.span(word)));
    if (layer.kind === "probability") {
      const hidden = L.DomUtil.create("div", "ss-hidden", ramp);
      hidden.style.width = `${100 * threshold}%`;
    }
  }
};

SlideScope.span = function (text) {
  const span = document.createElement("span");
  span.textContent = text;
  return span;
};

/* A scale bar for grids without CRS, in pixels. */
SlideScope.PixelScale = L.Control.Scale.extend({
  _updateMetric(width) {
    const pixels = this._getRoundNum(width);
    this._updateScale(this._mScale, `${pixels} px`, pixels / width);
  },
});
