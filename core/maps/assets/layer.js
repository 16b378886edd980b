/* A layer of 8-bit tiles that the browser colours. */
SlideScope.ValueLayer = L.GridLayer.extend({
  options: { updateWhenZooming: false, keepBuffer: 2, zoomOffset: 0 },

  initialize(layer, style, options) {
    L.setOptions(this, options);
    this.layer = layer;
    this._table = SlideScope.lookup(layer.kind, style);
  },

  createTile(coords, done) {
    const tile = L.DomUtil.create("canvas", "ss-tile");
    tile.width = tile.height = 256;
    const z = coords.z + this.options.zoomOffset;
    this._load(L.Util.template(this.layer.url, { x: coords.x, y: coords.y, z }), tile)
      .then(() => done(null, tile))
      .catch((error) => done(error, tile));
    return tile;
  },

  async _load(url, tile) {
    const answer = await fetch(url);
    if (answer.status !== 200) return; // 204: outside the raster
    const how = { premultiplyAlpha: "none", colorSpaceConversion: "none" };
    const image = await createImageBitmap(await answer.blob(), how);
    const context = tile.getContext("2d", { willReadFrequently: true });
    context.drawImage(image, 0, 0);
    if (this.layer.kind === "rgb") return;
    tile.pixels = context.getImageData(0, 0, 256, 256);
    tile.colours = new Uint32Array(tile.pixels.data.buffer);
    tile.values = new Uint8Array(65536);
    for (let i = 0; i < 65536; i++) tile.values[i] = tile.pixels.data[4 * i];
    this._paint(tile);
  },

  _paint(tile) {
    if (!tile.values) return;
    const { values, colours } = tile;
    const table = this._table;
    for (let i = 0; i < 65536; i++) colours[i] = table[values[i]];
    tile.getContext("2d").putImageData(tile.pixels, 0, 0);
  },

  /* Recolour what is there; no request. */
  restyle(style) {
    this._table = SlideScope.lookup(this.layer.kind, style);
    for (const key in this._tiles) this._paint(this._tiles[key].el);
  },

  /* The display value at a place, null where nothing is loaded. */
  valueAt(place) {
    const z = this._tileZoom;
    if (z === undefined || !this._map) return null;
    const point = this._map.project(place, z);
    const [x, y] = [Math.floor(point.x / 256), Math.floor(point.y / 256)];
    const tile = this._tiles[`${x}:${y}:${z}`];
    if (!tile || !tile.el.values) return null;
    return tile.el.values[Math.floor(point.y - y * 256) * 256 + Math.floor(point.x - x * 256)];
  },
});

/* A place in the stack of layers that shows one of them at a time. */
SlideScope.Slot = class {
  constructor(map, pane, options) {
    Object.assign(this, { map, pane, options, current: null, opacity: 1 });
  }

  /* Show `layer` (or nothing): the old one goes when the new one is there, so nothing flashes. */
  show(layer, style) {
    if (layer && this.current && this.current.layer.url === layer.url) {
      this.current.restyle(style);
      return;
    }
    const old = this.current;
    const leave = () => old && this.map.removeLayer(old);
    this.current = null;
    if (!layer) return leave();
    const options = { ...this.options, pane: this.pane, opacity: this.opacity };
    this.current = new SlideScope.ValueLayer(layer, style, options);
    this.current.once("load", leave);
    this.current.addTo(this.map);
    setTimeout(leave, 1500);
  }

  restyle(style) {
    if (this.current) this.current.restyle(style);
  }

  fade(opacity) {
    this.opacity = opacity;
    if (this.current) this.current.setOpacity(opacity);
  }

  read(place) {
    return this.current ? SlideScope.read(this.current.layer, this.current.valueAt(place)) : "\u2013";
  }
};
