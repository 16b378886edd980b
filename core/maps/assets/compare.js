/* The comparison: layers under a swipe, side by side, in turn or alone; settings answer at once. */
SlideScope.start = function (map, setup) {
  SlideScope.tables = setup.tables;
  return new SlideScope.Comparison(map, setup);
};

SlideScope.Comparison = class {
  constructor(map, setup) {
    Object.assign(this, { map, setup, started: false, touched: false, frame: null });
    this.state = {
      mode: "swipe", left: null, right: null, third: "", fourth: "", one: "",
      leftStyle: "probability", rightStyle: "probability",
      threshold: 0.5, opacity: 0.85, base: setup.base, outlines: true, online: false,
    };
    L.Icon.Default.imagePath = setup.images;
    SlideScope.frame().classList.add("ss-frame");
    this.choices = new SlideScope.Choices(setup, this.state);
    this.main = new SlideScope.Sheet(map, setup, ["left", "right", "one"], (l) => this._gone(l));
    this.link = new SlideScope.Link(() => this._describe());
    this.views = new SlideScope.Views(this, this.main);
    this.swipe = this.views.swipe;
    this.swipe.moved = () => this._remember();
    this._frame();
    this._controls();
    this.presenter = new SlideScope.Presenter(this);
    const ended = (token, shape) => this._drew(token, shape);
    this.outline = new SlideScope.Outline(map, setup, ended, (editing) => this._aside(editing));
    this.outlined = this._outlines();
    map.on("moveend", () => this._moved());
  }

  get left() { return this.views.slots.left; }
  get right() { return this.views.slots.right; }
  get base() { return this.main.base; }

  /* A command of the page. `view` counts at first only: afterwards it is the map's own. */
  obey(command) {
    const { left, right, sides, view, order } = command;
    this.choices.sides = sides;
    const before = this.state.left && [this.state.left.id, this.state.right.id].join();
    if (before && before !== [left.id, right.id].join()) this.panel.say(""); // it was of those
    Object.assign(this.state, { left, right });
    if (!this.started) this._open(view, order);
    else if (order && order.token !== this.told) {
      this.told = order.token;
      this.set("threshold", order.threshold);
    }
    this.area = command.area;
    if (this.scores) this.scores.give(command.scores);
    this.started = true;
    this.go(command.goto);
    this.outline.obey(command.outline);
    this.redraw();
    this._remember();
    if (this.area === "extent") this._moved();
  }

  _open(view, order) {
    const { at, swipe, ...rest } = view;
    for (const name in rest) if (rest[name] !== null) this.state[name] = rest[name];
    this.state.sent = this.state.threshold;
    this.told = order ? order.token : null;
    if (order) this._send(true); // an order from before: the page learns what the map starts with
    if (!this.setup.layers.some((layer) => layer.id === this.state.base)) {
      this.state.base = this.state.base === "" ? "" : this.setup.base;
    }
    if (this.state.mode === "grid") this.panel.fold(true); // it would hide a map
    if (swipe !== null) this.swipe.move(swipe);
    if (!at) return;
    this.touched = true;
    this.map.setView([at[0], at[1]], at[2], { animate: false });
  }

  /* Move to [[south, west], [north, east]]; the page repeats its commands, so each place once. */
  go(bounds) {
    const key = JSON.stringify(bounds || null);
    if (bounds && key !== this._went) {
      this.touched = true;
      const maxZoom = SlideScope.native(this.setup) + 1;
      // Above the middle, where the swipe's knob would lie on it.
      const padding = { paddingTopLeft: [60, 40], paddingBottomRight: [60, 200] };
      this.map.fitBounds(bounds, { animate: false, ...padding, maxZoom });
    }
    if (key !== this._went) this._mark(bounds);
    this._went = key;
  }

  /* A dashed frame around the place that was gone to. */
  _mark(bounds) {
    if (this.mark) this.mark.remove();
    const line = { color: "#1B2329", weight: 2, dashArray: "6 5", fill: false, interactive: false };
    this.mark = bounds ? L.rectangle(bounds, { ...line, pane: "ss-outlines" }).addTo(this.map) : null;
  }

  set(name, value) {
    if (name === "present") return this.presenter.enter();
    if (name === "full") return this._full();
    if (name === "copy") return this.link.copy((...words) => this.panel.say(...words));
    if (name === "mode" && value === "grid") this.panel.fold(true); // it would hide a map
    this.state[name] = value;
    if (this.frame === null) {
      this.frame = requestAnimationFrame(() => {
        this.frame = null;
        this.redraw();
      });
    }
    if (name === "threshold") this._send();
    this._remember();
  }

  redraw() {
    const { state, setup, views, choices } = this;
    if (!state.left) return;
    views.set(state.mode);
    const base = setup.layers.find((layer) => layer.id === state.base);
    const shapes = this.shapes;
    for (const sheet of views.sheets) {
      sheet.base.show(base, base && this._style(base, null));
      sheet.base.fade(state.online ? 0.35 : base && base.kind === "grey" ? 0.6 : 1);
      if (shapes && !sheet.lines) sheet.outline(shapes);
      sheet.showOutlines(state.outlines);
      sheet.online(state.online);
    }
    const shown = [];
    for (const [name, slot] of Object.entries(views.slots)) {
      const { layer, fill } = choices.of(name);
      slot.fade(state.opacity);
      slot.show(layer, this._style(layer, fill));
      shown.push({ where: name === "one" ? "" : name, layer, fill });
    }
    views.draw(choices);
    this.presenter.draw(choices);
    this.panel.draw();
    this.legend.draw(shown, state.threshold);
    if (this.scores) this.scores.draw(state.threshold);
    this._fitLegend();
    this.readOut.draw(views.slots);
  }

  /* Only what depends on the threshold is painted anew when it moves. */
  _style(layer, fill) {
    const live = layer.kind === "probability" || Boolean(layer.parts && layer.parts.length);
    const threshold = live ? this.state.threshold : 0;
    return { table: layer.table, threshold, fill: fill && SlideScope.rgb(fill) };
  }

  /* The metric cards follow a moment after the hand rests. */
  _send(force = false) {
    clearTimeout(this._timer);
    this._timer = setTimeout(() => {
      const { threshold } = this.state;
      if ((threshold === this.state.sent && !force) || !window.Streamlit) return;
      this.state.sent = threshold;
      this.link.write(); // first, or the server would answer with the view before
      const { _southWest: low, _northEast: high } = this.map.getBounds();
      const bounds = [[low.lat, low.lng], [high.lat, high.lng]];
      const { told, drawn } = this;
      window.Streamlit.setComponentValue({ threshold, bounds, told, drawn });
    }, 150);
  }

  /* While an outline is edited the swipe shows the side under review alone. */
  _aside(editing) {
    if (editing) {
      this._share = this.swipe.share;
      this.swipe.move(this.state.right.id.startsWith("run:") ? 0 : 1);
    } else this.swipe.move(this._share);
  }

  /* An outline was drawn, or given up (shape null). */
  _drew(token, shape) {
    this.drawn = { token, shape };
    this._send(true);
  }

  _moved() {
    this._remember();
    const box = this.map.getBounds().toBBoxString();
    if (this.area !== "extent" || box === this._sentBox) return;
    this._sentBox = box;
    this._send(true);
  }

  _remember() {
    if (this.started) this.link.later();
  }

  /* The view as the address holds it; `core.maps.bookmark` reads it. */
  _describe() {
    const { state, map, setup } = this;
    const centre = map.getCenter();
    const usual = (value, common) => (value === common ? null : String(value));
    return {
      threshold: String(state.threshold),
      mode: usual(this.presenter.on ? this.presenter._before : state.mode, "swipe"),
      third: usual(state.third, ""),
      fourth: usual(state.fourth, ""),
      one: usual(state.one, ""),
      as_left: usual(state.leftStyle, "probability"),
      as_right: usual(state.rightStyle, "probability"),
      opacity: usual(state.opacity, 0.85),
      base: usual(state.base || "none", setup.base),
      outlines: usual(state.outlines ? 1 : 0, 1),
      swipe: usual(Number(this.swipe.share.toFixed(3)), 0.5),
      at: this.touched
        ? [centre.lat.toFixed(5), centre.lng.toFixed(5), Number(map.getZoom().toFixed(2))].join()
        : null,
    };
  }

  _gone(layer) {
    this.panel.say(`Some tiles of '${layer.title}' cannot be had: it may have been deleted, or the server is gone. Reload the page.`);
  }

  _full() {
    if (document.fullscreenElement) return document.exitFullscreen();
    const refused = () => this.panel.say("This browser does not give the map the whole screen.");
    const asked = document.documentElement.requestFullscreen;
    if (asked) asked.call(document.documentElement).catch(refused);
    else refused();
  }

  grid() {
    const pointed = (place) => this.readOut.draw(this.views.slots, place);
    return new SlideScope.Grid(this.map, this.setup, (layer) => this._gone(layer), pointed);
  }

  _frame() {
    const { map, setup } = this;
    const [[south, west], [north, east]] = setup.bounds;
    const bounds = L.latLngBounds(setup.bounds);
    // Of a long strip its beginning is more use than all of it as a hair line.
    const sides = [north - south, east - west];
    const strip = !setup.georeferenced && Math.max(...sides) > 4 * Math.min(...sides);
    const [down, right] = sides.map((side) => Math.min(side, Math.max(2 * Math.min(...sides), 64)));
    const view = strip ? L.latLngBounds([north - down, west], [north, west + right]) : bounds;
    map.options.minZoom = setup.georeferenced ? 2 : -setup.zoom - 2;
    map.options.maxZoom = setup.georeferenced ? setup.zoom + 4 : 4;
    map.setMaxBounds(bounds.pad(1));
    this.fit = () => map.fitBounds(view, { animate: false });
    const opening = setup.opening ? L.latLngBounds(setup.opening) : view;
    const open = () => {
      map.fitBounds(opening, { animate: false });
      // The frame is wider than the part it opens with: no paper beside the scene.
      if (setup.opening) map.panInsideBounds(bounds, { animate: false });
    };
    open();
    map.on("movestart zoomstart", () => (this.touched = this.touched || this.settled));
    setTimeout(() => (this.settled = true), 600);
    new ResizeObserver(() => {
      map.invalidateSize({ animate: false });
      if (!this.touched) open();
      this.panel.fit(SlideScope.frame().clientWidth);
      if (this.views.grid) this.views.grid.show(this.views.mode === "grid");
      this._fitLegend();
    }).observe(map.getContainer());
  }

  _controls() {
    const { map, setup } = this;
    this.panel = new SlideScope.Panel(setup, this.state, (name, value) => this.set(name, value));
    this.swipe.covered = () => this.panel.element.offsetWidth + 12;
    this.panel.folded = () => {
      this.swipe.move(this.swipe.share);
      this._fitLegend();
    };
    this.legend = new SlideScope.Legend(setup);
    this.readOut = new SlideScope.ReadOut(setup, () => this._runs());
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
    if (SlideScope.Scores) {
      this.scores = new SlideScope.Scores();
      place(this.scores.element, "topleft");
    }
    place(this.panel.element, "topright");
    place(this.legend.element, "bottomright");
    const scale = setup.georeferenced ? L.control.scale : (o) => new SlideScope.PixelScale(o);
    scale({ imperial: false, maxWidth: 140, position: "bottomleft" }).addTo(map);
    place(this.readOut.element, "bottomleft");
    map.on("mousemove", (event) => this.readOut.draw(this.views.slots, event.latlng));
    map.on("mouseout", () => this.readOut.draw(this.views.slots, null));
    // Over the whole frame: in the 2 x 2 view the first map has a quarter of it.
    SlideScope.frame().append(map.getContainer().querySelector(".leaflet-control-container"));
  }

  /* Runs whose probability is shown, or part of what is. */
  _runs() {
    const ids = Object.keys(this.views.slots).map((name) => this.choices.of(name).id);
    const named = ids.some((id) => ["gained", "errors:left", "errors:right"].includes(id));
    const sides = ["left", "right"].filter((side) => named || ids.includes(side));
    const all = [...ids, ...sides.map((side) => this.state[side].id)];
    if (ids.includes("agreement")) all.push(...this.choices.sides.map(({ id }) => id));
    return [...new Set(all.filter((id) => id.startsWith("run:")).map((id) => id.slice(4)))];
  }

  _fitLegend() {
    if (!this.legend) return;
    const room = SlideScope.frame().clientHeight - this.panel.element.offsetHeight - 34;
    this.legend.element.style.maxHeight = `${Math.max(room, 60)}px`;
  }

  async _outlines() {
    if (!this.setup.outlines) return;
    const answer = await fetch(this.setup.outlines);
    if (!answer.ok) return;
    this.shapes = await answer.json();
    this.redraw();
  }
};
