/* What lies on the map's corners: settings, legend, read-out. Every part has `element`. */
SlideScope.Panel = class {
  /* `state` is the comparison's; `changed(name, value)` tells it of every turn of a knob. */
  constructor(setup, state, changed) {
    Object.assign(this, { setup, state, changed });
    this.element = L.DomUtil.create("section", "ss-card ss-panel");
    this.element.setAttribute("aria-label", "Map settings");
    this.element.innerHTML = SlideScope.PANEL;
    L.DomEvent.disableClickPropagation(this.element).disableScrollPropagation(this.element);
    for (const key of ["keydown", "dblclick"]) {
      this.element.addEventListener(key, (e) => e.stopPropagation());
    }
    const base = this.at("base");
    base.add(new Option("No base", ""));
    for (const layer of setup.layers) {
      if (layer.kind !== "mask") base.add(new Option(layer.title, layer.id));
    }
    this.at("outlines").closest("label").hidden = !setup.outlines;
    this._listen();
  }

  at(name) {
    return this.element.querySelector(`[data-name="${name}"]`);
  }

  _listen() {
    for (const name of ["threshold", "opacity"]) {
      this.at(name).addEventListener("input", (e) => this.changed(name, Number(e.target.value)));
    }
    this.at("base").addEventListener("change", (e) => this.changed("base", e.target.value));
    this.at("outlines").addEventListener("change", (e) => this.changed("outlines", e.target.checked));
    for (const side of ["left", "right"]) {
      for (const button of this.at(`${side}-style`).querySelectorAll("button")) {
        button.addEventListener("click", () => this.changed(`${side}Style`, button.value));
      }
    }
    this.at("fold").addEventListener("click", () => this.fold(this.at("body").hidden === false));
  }

  fold(folded) {
    this.at("body").hidden = folded;
    this.at("fold").setAttribute("aria-expanded", String(!folded));
  }

  draw() {
    const { state } = this;
    for (const name of ["threshold", "opacity", "base"]) this.at(name).value = state[name];
    this.at("threshold-value").textContent = state.threshold.toFixed(3);
    this.at("opacity-value").textContent = `${Math.round(100 * state.opacity)}\u2009%`;
    this.at("outlines").checked = state.outlines;
    let anyProbability = false;
    for (const side of ["left", "right"]) {
      const group = this.at(`${side}-style`);
      const probability = state[side] !== null && state[side].layer.kind === "probability";
      anyProbability = anyProbability || probability;
      group.hidden = !probability;
      for (const button of group.querySelectorAll("button")) {
        button.setAttribute("aria-pressed", String(button.value === state[`${side}Style`]));
      }
    }
    this.at("threshold").closest("label").hidden = !anyProbability;
  }
};

SlideScope.PANEL = `
  <button type="button" class="ss-fold" data-name="fold" aria-expanded="true">Map</button>
  <div data-name="body">
    <label><span>Threshold <b data-name="threshold-value"></b></span>
      <input type="range" data-name="threshold" min="0" max="1" step="0.005" aria-label="Threshold"></label>
    <label><span>Opacity <b data-name="opacity-value"></b></span>
      <input type="range" data-name="opacity" min="0" max="1" step="0.05" aria-label="Opacity"></label>
    ${["left", "right"]
      .map(
        (side) => `
    <div class="ss-style ss-style-${side}" data-name="${side}-style" role="group" aria-label="Show ${side} as">
      <span>${side}</span>
      <button type="button" value="probability">Probability</button><button type="button" value="mask">Mask</button>
    </div>`,
      )
      .join("")}
    <label class="ss-line"><span>Base</span><select data-name="base" aria-label="Base"></select></label>
    <label class="ss-line"><input type="checkbox" data-name="outlines"><span>Reference outlines</span></label>
  </div>`;

/* The legend of what is shown, with units; equal sides share an entry. */
SlideScope.Legend = class {
  constructor(setup) {
    this.setup = setup;
    this.element = L.DomUtil.create("div", "ss-card ss-legend");
    this.element.setAttribute("role", "note");
    this.element.setAttribute("aria-label", "Legend");
  }

  draw(state, colours) {
    const entries = new Map();
    for (const side of ["left", "right"]) {
      if (!state[side]) continue;
      const { layer } = state[side];
      const flat = layer.kind === "probability" && state[`${side}Style`] === "mask";
      const key = flat ? `mask ${side}` : layer.kind === "probability" ? "probability" : layer.id;
      if (!entries.has(key)) entries.set(key, { layer, flat, sides: [] });
      entries.get(key).sides.push(side);
    }
    this.element.replaceChildren(
      ...[...entries.values()].map((entry) => this._entry(entry, state, colours)),
    );
  }

  _entry({ layer, flat, sides }, state, colours) {
    const entry = L.DomUtil.create("div", "ss-entry");
    const title = L.DomUtil.create("div", "ss-title", entry);
    title.textContent = layer.kind === "probability" ? "Probability" : layer.title;
    const where = L.DomUtil.create("i", "", title);
    where.textContent = sides.length === 2 ? "left, right" : sides[0];
    const above = `p \u2265 ${state.threshold.toFixed(3)}`;
    if (flat) {
      title.firstChild.textContent = "Predicted mask";
      this._swatch(entry, this.setup.colours[sides[0]], above);
    } else if (layer.kind === "mask") {
      this._swatch(entry, this.setup.colours.reference, "landslide");
    } else if (layer.kind === "change") {
      for (const [v, word] of layer.classes.slice(1)) {
        this._swatch(entry, `rgb(${colours(layer)[v - 1].join()})`, word);
      }
    } else if (layer.kind === "categorical") {
      for (const [v, word] of layer.classes.slice(0, 12)) {
        this._swatch(entry, `rgb(${colours(layer)[v - 1].join()})`, word);
      }
      if (layer.classes.length > 12) {
        L.DomUtil.create("div", "ss-more", entry).textContent = `and ${layer.classes.length - 12} more`;
      }
    } else if (layer.kind !== "rgb") {
      this._ramp(entry, layer, state, colours(layer));
    }
    return entry;
  }

  _swatch(entry, colour, word) {
    const row = L.DomUtil.create("div", "ss-swatch", entry);
    L.DomUtil.create("span", "", row).style.background = colour;
    row.append(word);
  }

  _ramp(entry, layer, state, colours) {
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
      hidden.style.width = `${100 * state.threshold}%`;
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
