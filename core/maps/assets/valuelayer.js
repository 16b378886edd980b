/* 8-bit tiles that the browser colours; what they show of can change under the hand. */
import { inSight } from "./clip.js";
import { combine, isMade } from "./combined.js";
import { hatch } from "./hatch.js";
import { lookup } from "./shades.js";
import { tileImage, tileValues } from "./tiles.js";

const REST_MS = 200;

export const ValueLayer = L.GridLayer.extend({
  options: { updateWhenZooming: false, keepBuffer: 2, zoomOffset: 0 },

  initialize(layer, style, options) {
    L.setOptions(this, options);
    this.layer = layer;
    this._style(style);
  },

  _style(style) {
    this._threshold = style.threshold;
    this._table = lookup(this.layer, style, this.options.palette.colours(style.table));
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
    const urls = isMade(this.layer) ? layer.parts.map((part) => part.url) : [layer.url];
    const ask = rgb ? tileImage : tileValues;
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
    tile.values = isMade(this.layer) ? new Uint8Array(65536) : parts[0];
    Object.assign(tile, { parts, made: null });
    if (this._seen()(tile.coords)) return this._paint(tile);
    tile.stale = true;
    this._later();
  },

  _paint(tile) {
    tile.stale = false;
    if (!tile.values) return;
    if (isMade(this.layer) && tile.made !== this._threshold) {
      combine(this.layer, tile.parts, this._threshold, tile.values);
      tile.made = this._threshold;
    }
    const { values, colours } = tile;
    const table = this._table;
    for (let i = 0; i < 65536; i++) colours[i] = table[values[i]];
    hatch(this.layer, values, colours);
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
    this._rest = setTimeout(() => this.freshen(), REST_MS);
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
    return inSight(this._getTiledPixelBounds(this._map.getCenter()), pane.shares || [0, 1]);
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
