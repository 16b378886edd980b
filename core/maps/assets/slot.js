/* A place in the stack of layers that shows one of them at a time. */
import { read } from "./reading.js";
import { ValueLayer } from "./valuelayer.js";

export class Slot {
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
    this.current = new ValueLayer(layer, style, options);
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
    return this.current ? read(this.current.layer, this.current.valueAt(place)) : "\u2013";
  }
}
