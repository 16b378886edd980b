/* The comparison: base, left and right under a swipe, outlines; settings answer at once. */
SlideScope.start = function (map, setup) {
  return new SlideScope.Comparison(map, setup);
};

SlideScope.Comparison = class {
  constructor(map, setup) {
    Object.assign(this, { map, setup, started: false, touched: false, frame: null });
    this.state = {
      left: null, right: null, leftStyle: "probability", rightStyle: "probability",
      threshold: 0.5, opacity: 0.85, base: setup.base, outlines: true,
    };
    this._tables = {};
    L.Icon.Default.imagePath = setup.images;
    this._frame();
    this._panes();
    this._controls();
    this._outlines();
    this.redraw();
  }

  /* A command of the page: {left, right, threshold, opacity}; the last two count at first only. */
  obey(command) {
    const { left, right, threshold, opacity } = command;
    Object.assign(this.state, { left, right });
    if (!this.started) Object.assign(this.state, { threshold, opacity, sent: threshold });
    this.started = true;
    this.swipe.name(left.title, right.title);
    this.go(command.goto);
    this.redraw();
  }

  /* Move to [[south, west], [north, east]]; the page repeats its commands, so each place once. */
  go(bounds) {
    const key = JSON.stringify(bounds || null);
    if (bounds && key !== this._went) {
      this.touched = true;
      const maxZoom = this._native() + 1;
      this.map.fitBounds(bounds, { animate: false, padding: [60, 60], maxZoom });
    }
    this._went = key;
  }

  set(name, value) {
    this.state[name] = value;
    if (name === "outlines") this._showOutlines();
    if (this.frame === null) {
      this.frame = requestAnimationFrame(() => {
        this.frame = null;
        this.redraw();
      });
    }
    if (name === "threshold") this._send();
  }

  redraw() {
    const { state, setup } = this;
    const base = setup.layers.find((layer) => layer.id === state.base);
    this.base.show(base, base && this._style(base, null));
    this.base.fade(base && base.kind === "grey" ? 0.6 : 1);
    for (const side of ["left", "right"]) {
      const shown = state[side];
      this[side].fade(state.opacity);
      this[side].show(shown && shown.layer, shown && this._style(shown.layer, side));
    }
    this.panel.draw();
    this.legend.draw(state, (layer) => this._colours(layer));
    this._read();
  }

  _style(layer, side) {
    const { state, setup } = this;
    const flat = layer.kind === "probability" && state[`${side}Style`] === "mask";
    const fill = flat ? setup.colours[side] : layer.kind === "mask" ? setup.colours.reference : null;
    return {
      colours: this._colours(layer),
      threshold: state.threshold,
      fill: fill && SlideScope.rgb(fill),
    };
  }

  _colours(layer) {
    const name = layer.table in this.setup.tables ? layer.table : "grey";
    this._tables[name] = this._tables[name] || SlideScope.unpack(this.setup.tables[name]);
    return this._tables[name];
  }

  /* The metric cards follow a moment after the hand rests. */
  _send() {
    clearTimeout(this._timer);
    this._timer = setTimeout(() => {
      const { threshold } = this.state;
      if (threshold === this.state.sent || !window.Streamlit) return;
      this.state.sent = threshold;
      window.Streamlit.setComponentValue({ threshold });
    }, 150);
  }

  _frame() {
    const { map, setup } = this;
    const [[south, west], [north, east]] = setup.bounds;
    const bounds = L.latLngBounds(setup.bounds);
    // Of a long strip of tiles the first few are more use than all of them as a hair line.
    const strip = !setup.georeferenced && north - south > 4 * (east - west);
    const view = strip ? L.latLngBounds([north - 2 * (east - west), west], [north, east]) : bounds;
    map.options.minZoom = setup.georeferenced ? 2 : -setup.zoom - 2;
    map.options.maxZoom = setup.georeferenced ? setup.zoom + 4 : 4;
    map.setMaxBounds(bounds.pad(1));
    this.fit = () => map.fitBounds(view, { animate: false });
    const opening = setup.opening ? L.latLngBounds(setup.opening) : view;
    const open = () => map.fitBounds(opening, { animate: false });
    open();
    map.on("movestart zoomstart", () => (this.touched = this.touched || this.settled));
    setTimeout(() => (this.settled = true), 600);
    new ResizeObserver(() => {
      map.invalidateSize({ animate: false });
      if (!this.touched) open();
    }).observe(map.getContainer());
    const coarse = () =>
      map.getContainer().classList.toggle("ss-over", map.getZoom() > this._native());
    map.on("zoomend", coarse);
    coarse();
  }

  /* The zoom level at which a pixel of the raster is a pixel of the screen. */
  _native() {
    return this.setup.georeferenced ? this.setup.zoom : 0;
  }

  _panes() {
    const { map, setup } = this;
    const pane = (name, z) => {
      map.createPane(name).style.zIndex = z;
      return map.getPane(name);
    };
    pane("ss-base", 200);
    const [left, right] = [pane("ss-left", 300), pane("ss-right", 301)];
    pane("ss-outlines", 400).style.pointerEvents = "none";
    const options = { bounds: L.latLngBounds(setup.bounds) };
    if (setup.georeferenced) Object.assign(options, { maxNativeZoom: setup.zoom });
    else {
      const numbering = { minNativeZoom: -setup.zoom, maxNativeZoom: 0, zoomOffset: setup.zoom };
      Object.assign(options, numbering);
    }
    this.base = new SlideScope.Slot(map, "ss-base", options);
    this.left = new SlideScope.Slot(map, "ss-left", options);
    this.right = new SlideScope.Slot(map, "ss-right", options);
    this.swipe = new SlideScope.Swipe(map, left, right);
  }

  _controls() {
    const { map, setup } = this;
    this.panel = new SlideScope.Panel(setup, this.state, (name, value) => this.set(name, value));
    if (map.getSize().x < 720) this.panel.fold(true);
    this.legend = new SlideScope.Legend(setup);
    this.readOut = L.DomUtil.create("div", "ss-card ss-read");
    this.readOut.setAttribute("aria-live", "off");
    L.control.zoom({ position: "topleft" }).addTo(map);
    const whole = L.DomUtil.create("button", "ss-card ss-whole");
    Object.assign(whole, { type: "button", textContent: "Whole scene" });
    whole.addEventListener("click", () => {
      this.touched = true;
      this.fit();
    });
    L.DomEvent.disableClickPropagation(whole);
    const place = (element, position) => {
      const control = L.control({ position });
      control.onAdd = () => element;
      control.addTo(map);
    };
    place(whole, "topleft");
    if (setup.synthetic) {
      const tag = L.DomUtil.create("div", "ss-card ss-tag");
      tag.textContent = "synthetic scene";
      place(tag, "topleft");
    }
    place(this.panel.element, "topright");
    place(this.legend.element, "bottomright");
    const scale = setup.georeferenced ? L.control.scale : (o) => new SlideScope.PixelScale(o);
    scale({ imperial: false, maxWidth: 140, position: "bottomleft" }).addTo(map);
    place(this.readOut, "bottomleft");
    map.on("mousemove", (event) => this._read(event.latlng));
    map.on("mouseout", () => this._read(null));
  }

  _read(place) {
    if (place !== undefined) this.pointer = place;
    const words = [];
    if (this.pointer) {
      for (const side of ["left", "right"]) words.push([side, this[side].read(this.pointer)]);
      words.push(["at", this._where(this.pointer)]);
    } else {
      words.push(["", "Point at the map to read both sides"]);
    }
    this.readOut.replaceChildren(
      ...words.map(([name, value]) => {
        const item = SlideScope.span(` ${value}`);
        const label = document.createElement("b");
        label.textContent = name;
        item.prepend(label);
        return item;
      }),
    );
  }

  _where({ lat, lng }) {
    if (!this.setup.georeferenced) return `row ${Math.floor(-lat)}, column ${Math.floor(lng)}`;
    const half = (value, plus, minus) => `${Math.abs(value).toFixed(5)}\u00b0 ${value < 0 ? minus : plus}`;
    return `${half(lat, "N", "S")}, ${half(lng, "E", "W")}`;
  }

  async _outlines() {
    if (!this.setup.outlines) return;
    const answer = await fetch(this.setup.outlines);
    if (!answer.ok) return;
    const shapes = await answer.json();
    const renderer = L.canvas({ pane: "ss-outlines" });
    const line = (color, opacity) =>
      L.geoJSON(shapes, {
        renderer, pane: "ss-outlines", interactive: false, style: { color, opacity, fill: false },
      });
    const [halo, ink] = [line("#FAF6EC", 0.75), line("#1B2329", 1)];
    this.lines = L.layerGroup([halo, ink]);
    // From far away a line must not bury a small landslide.
    const weigh = () => {
      const near = this.map.getZoom() > this._native() - 1.5;
      halo.setStyle({ weight: near ? 3.6 : 2 });
      ink.setStyle({ weight: near ? 1.4 : 0.8 });
    };
    this.map.on("zoomend", weigh);
    weigh();
    this._showOutlines();
  }

  _showOutlines() {
    if (!this.lines) return;
    if (this.state.outlines) this.lines.addTo(this.map);
    else this.lines.remove();
  }
};
