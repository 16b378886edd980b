/* 8-bit tiles that the browser colours; what they show of can change under the hand. */
SlideScope.ValueLayer = L.GridLayer.extend({
  options: { updateWhenZooming: false, keepBuffer: 2, zoomOffset: 0 },

  initialize(layer, style, options) {
    L.setOptions(this, options);
    this.layer = layer;
    this._style(style);
  },

  _style(style) {
    this._threshold = style.threshold;
    this._table = SlideScope.lookup(this.layer, style);
  },

  createTile(coords, done) {
    const tile = L.DomUtil.create("canvas", "ss-tile");
    tile.width = tile.height = 256;
    tile.coords = coords;
    tile.at = { x: coords.x, y: coords.y, z: coords.z + this.options.zoomOffset };
    this._load(tile).then(
      () => done(null, tile),
      (error) => done(error, tile),
    );
    return tile;
  },

  /* Show another layer in the same tiles: each keeps its picture until the new one is there. */
  become(layer, style) {
    this.layer = layer;
    this._style(style);
    for (const key in this._tiles) {
      const tile = this._tiles[key].el;
      tile.values = null; // nobody may read them as the new layer's
      this._load(tile).catch((error) => this.fire("tileerror", { tile, error }));
    }
  },

  async _load(tile) {
    const { layer } = this;
    const rgb = layer.kind === "rgb";
    const urls = this._made() ? layer.parts.map((part) => part.url) : [layer.url];
    const ask = rgb ? SlideScope.tileImage : SlideScope.tileValues;
    const asked = urls.map((url) => ask(L.Util.template(url, tile.at)));
    const parts = await Promise.all(asked).catch((error) => {
      if (layer === this.layer) throw error;
    });
    if (layer !== this.layer) return; // it became another meanwhile, which loads the tile itself
    const context = tile.getContext("2d", { willReadFrequently: true });
    tile.shows = layer.url;
    if (rgb || parts.includes(null)) {
      context.clearRect(0, 0, 256, 256);
      if (parts[0] && rgb) context.drawImage(parts[0], 0, 0);
      return;
    }
    tile.pixels = tile.pixels || context.createImageData(256, 256);
    tile.colours = tile.colours || new Uint32Array(tile.pixels.data.buffer);
    // Shared with other layers unless combined: never written to.
    tile.values = this._made() ? new Uint8Array(65536) : parts[0];
    Object.assign(tile, { parts, made: null });
    if (this._seen()(tile.coords)) return this._paint(tile);
    tile.stale = true;
    this._later();
  },

  /* Whether the values are made of other layers' at the live threshold. */
  _made() {
    return Boolean(this.layer.parts && this.layer.parts.length);
  },

  _paint(tile) {
    tile.stale = false;
    if (!tile.values) return;
    if (this._made() && tile.made !== this._threshold) {
      SlideScope.combine(this.layer, tile.parts, this._threshold, tile.values);
      tile.made = this._threshold;
    }
    const { values, colours } = tile;
    const table = this._table;
    for (let i = 0; i < 65536; i++) colours[i] = table[values[i]];
    SlideScope.hatch(this.layer, values, colours);
    tile.getContext("2d").putImageData(tile.pixels, 0, 0);
  },

  /* Recolour what is there; no request. What nobody sees waits until the hand rests. */
  restyle(style) {
    this._style(style);
    const seen = this._seen();
    for (const { el, coords } of Object.values(this._tiles)) {
      el.stale = !seen(coords);
      if (!el.stale) this._paint(el);
    }
    this._later();
  },

  _later() {
    clearTimeout(this._rest);
    this._rest = setTimeout(() => this.freshen(), SlideScope.REST_MS);
  },

  /* Recolour what was passed over: the hand rests, or what was hidden comes into sight. */
  freshen() {
    clearTimeout(this._rest);
    if (!this._map) return;
    for (const { el } of Object.values(this._tiles)) if (el.stale) this._paint(el);
  },

  /* Whether a tile lies in the part of the frame that the layer's pane shows. */
  _seen() {
    const pane = this._map && this.getPane();
    if (!pane || pane.style.visibility === "hidden") return () => false;
    const { min, max } = this._getTiledPixelBounds(this._map.getCenter());
    const [from, to] = (pane.shares || [0, 1]).map((at) => min.x + at * (max.x - min.x));
    return ({ x, y }) =>
      256 * x < to && 256 * (x + 1) > from && 256 * y < max.y && 256 * (y + 1) > min.y;
  },

  getEvents() {
    return { ...L.GridLayer.prototype.getEvents.call(this), movestart: () => this.freshen() };
  },

  /* The display value at a place, null where nothing is loaded. */
  valueAt(place) {
    const z = this._tileZoom;
    if (z === undefined || !this._map) return null;
    const point = this._map.project(place, z);
    const [x, y] = [Math.floor(point.x / 256), Math.floor(point.y / 256)];
    const tile = this._tiles[`${x}:${y}:${z}`];
    if (!tile || !tile.el.values) return null;
    if (tile.el.stale) this._paint(tile.el);
    return tile.el.values[Math.floor(point.y - y * 256) * 256 + Math.floor(point.x - x * 256)];
  },
});

SlideScope.REST_MS = 200;

/* A place in the stack of layers that shows one of them at a time. */
SlideScope.Slot = class {
  /* `failed(layer)` hears of tiles that are not to be had. */
  constructor(map, pane, options, failed) {
    Object.assign(this, { map, pane, options, failed, current: null, opacity: 1, style: "" });
  }

  /* Show `layer`, or nothing. */
  show(layer, style) {
    const { current } = this;
    if (!layer) {
      if (current) this.map.removeLayer(current);
      this.current = null;
    } else if (!current) this._open(layer, style);
    else if (current.layer.url === layer.url) this._restyle(style);
    else {
      this.style = JSON.stringify(style);
      current.become(layer, style);
    }
  }

  _open(layer, style) {
    const options = { ...this.options, pane: this.pane, opacity: this.opacity };
    this.current = new SlideScope.ValueLayer(layer, style, options);
    this.style = JSON.stringify(style);
    this.current.on("tileerror", (event) => this.failed(event.target.layer));
    this.current.addTo(this.map);
  }

  /* Opacity and what lies elsewhere change nothing here. */
  _restyle(style) {
    const now = JSON.stringify(style);
    if (now === this.style) return;
    this.style = now;
    this.current.restyle(style);
  }

  fade(opacity) {
    if (opacity === this.opacity) return;
    this.opacity = opacity;
    if (this.current) this.current.setOpacity(opacity);
  }

  freshen() {
    if (this.current) this.current.freshen();
  }

  read(place) {
    return this.current ? SlideScope.read(this.current.layer, this.current.valueAt(place)) : "\u2013";
  }
};
