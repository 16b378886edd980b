/* One map of the frame: base, slots for layers, outlines. The first sheet is folium's own map; the
   others of the 2 x 2 view follow it. */
SlideScope.Sheet = class {
  constructor(map, setup, slots, failed) {
    Object.assign(this, { map, setup });
    const pane = (name, z) => {
      map.createPane(name).style.zIndex = z;
      return map.getPane(name);
    };
    pane("ss-base", 200);
    this.panes = slots.map((name, i) => pane(`ss-${name}`, 300 + i));
    pane("ss-outlines", 400).style.pointerEvents = "none";
    const options = { bounds: L.latLngBounds(setup.bounds) };
    if (setup.georeferenced) Object.assign(options, { maxNativeZoom: setup.zoom });
    else {
      const numbering = { minNativeZoom: -setup.zoom, maxNativeZoom: 0, zoomOffset: setup.zoom };
      numbering.minZoom = -setup.zoom - 2; // Leaflet's own is 0: nothing would show from further away
      Object.assign(options, numbering);
    }
    this.base = new SlideScope.Slot(map, "ss-base", options, failed);
    this.slots = slots.map((name) => new SlideScope.Slot(map, `ss-${name}`, options, failed));
    const coarse = () =>
      map.getContainer().classList.toggle("ss-over", map.getZoom() > SlideScope.native(setup));
    map.on("zoomend", coarse);
    coarse();
  }

  /* Draw the reference outlines, a dark line with a light halo. */
  outline(shapes) {
    const renderer = L.canvas({ pane: "ss-outlines" });
    const line = (color, opacity) =>
      L.geoJSON(shapes, {
        renderer, pane: "ss-outlines", interactive: false, style: { color, opacity, fill: false },
      });
    const [halo, ink] = [line("#FAF6EC", 0.75), line("#1B2329", 1)];
    this.lines = L.layerGroup([halo, ink]);
    // From far away a line must not bury a small landslide.
    const weigh = () => {
      const near = this.map.getZoom() > SlideScope.native(this.setup) - 1.5;
      halo.setStyle({ weight: near ? 3.6 : 2 });
      ink.setStyle({ weight: near ? 1.4 : 0.8 });
    };
    this.map.on("zoomend", weigh);
    weigh();
  }

  showOutlines(shown) {
    if (!this.lines) return;
    if (shown) this.lines.addTo(this.map);
    else this.lines.remove();
  }

  /* The only thing that leaves this machine, and only when the user switches it on. */
  online(on) {
    if (!on) {
      if (this._street) this._street.remove();
      this._street = null;
      return;
    }
    if (this._street) return;
    const url = "https://tile.openstreetmap.org/{z}/{x}/{y}.png";
    this._street = L.tileLayer(url, { maxNativeZoom: 19, maxZoom: 26, zIndex: 0 }).addTo(this.map);
  }
};

/* The zoom level at which a pixel of the raster is a pixel of the screen. */
SlideScope.native = (setup) => (setup.georeferenced ? setup.zoom : 0);

/* Three more maps beside the first one, moving as it moves. */
SlideScope.Grid = class {
  constructor(map, setup, failed, pointed) {
    Object.assign(this, { map, moving: false });
    const { crs, zoomSnap, minZoom, maxZoom } = map.options;
    this.sheets = ["right", "third", "fourth"].map((name) => {
      const element = L.DomUtil.create("div", `ss-sheet ss-sheet-${name}`, SlideScope.frame());
      const options = { crs, zoomSnap, minZoom, maxZoom, zoomControl: false };
      const other = L.map(element, { ...options, attributionControl: false });
      other.setView(map.getCenter(), map.getZoom(), { animate: false });
      other.on("move", () => this._follow(other));
      other.on("mousemove", (event) => pointed(event.latlng));
      other.on("mouseout", () => pointed(null));
      return new SlideScope.Sheet(other, setup, [name], failed);
    });
    map.on("move", () => this._follow(map));
  }

  show(shown) {
    this.shown = shown;
    for (const { map } of this.sheets) map.getContainer().hidden = !shown;
    if (!shown) return;
    for (const { map } of this.sheets) map.invalidateSize({ animate: false });
    this._follow(this.map);
  }

  _follow(leader) {
    if (this.moving || !this.shown) return;
    this.moving = true;
    const [centre, zoom] = [leader.getCenter(), leader.getZoom()];
    for (const map of [this.map, ...this.sheets.map((sheet) => sheet.map)]) {
      if (map !== leader) map.setView(centre, zoom, { animate: false });
    }
    this.moving = false;
  }
};

SlideScope.frame = () => document.querySelector("#map_div").parentNode;
