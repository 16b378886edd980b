/* What lies under the pointer: the shown layers at once, every factor and probability a moment
   later from the server. */
import { called } from "./modes.js";
import { where } from "./reading.js";
import { span } from "./span.js";
import { t } from "./words.js";

export class ReadOut {
  constructor(setup, runs) {
    Object.assign(this, { setup, runs, pointer: null, found: null });
    this.element = L.DomUtil.create("div", "ss-card ss-read");
    this.element.setAttribute("aria-live", "off");
    this.shown = L.DomUtil.create("div", "", this.element);
    this.values = L.DomUtil.create("div", "ss-values", this.element);
  }

  /* `slots` by name; `place` is a new pointer, null for none, undefined for the same. */
  draw(slots, place) {
    if (place !== undefined) this._point(place);
    const words = this.pointer
      ? Object.entries(slots).map(([name, slot]) => [name === "one" ? t("here") : called(name), slot.read(this.pointer)])
      : [["", t("Point at the map to read every factor and probability")]];
    if (this.pointer) words.push([t("at"), where(this.pointer, this.setup.georeferenced)]);
    this.shown.replaceChildren(...words.map(this._item));
  }

  _item([name, value]) {
    const item = span(` ${value}`);
    const label = document.createElement("b");
    label.textContent = name;
    item.prepend(label);
    return item;
  }

  _point(place) {
    this.pointer = place;
    clearTimeout(this._timer);
    if (place) this._timer = setTimeout(() => this._ask(place), 120);
    else this.values.replaceChildren();
  }

  async _ask({ lat, lng }) {
    const { language } = this.setup;
    const query = new URLSearchParams({ lat: lat.toFixed(6), lng: lng.toFixed(6), language });
    for (const run of this.runs()) query.append("run", run);
    if (this._asking) this._asking.abort();
    this._asking = new AbortController();
    try {
      const answer = await fetch(`${this.setup.values}?${query}`, { signal: this._asking.signal });
      const values = answer.status === 200 ? (await answer.json()).values : [];
      if (!this.pointer) return;
      this.values.replaceChildren(...values.map(({ title, text }) => this._item([title, text])));
    } catch {
      this.values.replaceChildren(); // another place is asked for, or the server is gone
    }
  }
}
