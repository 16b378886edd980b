/* A line or a polygon that a hand draws to measure it, in every map that is shown: the figure follows the pointer, the page hears
   of what is finished and draws the profile. Keys while it is on: space puts a corner at the middle
   of the map, Backspace takes the last away, Enter ends, Escape begins anew. */
import { frame } from "./frame.js";
import { area, how, large, length, long } from "./geodesy.js";
import { t } from "./words.js";

const BEGIN = {
  line: () => t("Click corner after corner of a line"),
  area: () => t("Click corner after corner of an area"),
};
const TYPED = "input, select, textarea, button";

export class Measure {
  /* `done(token, corners)` hears of a line or polygon that is finished. */
  constructor(map, setup, done) {
    Object.assign(this, { map, setup, done, token: null, kind: null, corners: [], ended: true });
    this.groups = new Map(); // what is drawn on each map
    this._card();
    this.over([map]);
    document.addEventListener("keydown", (event) => this._key(event));
  }

  /* These maps are shown, and take clicks. */
  over(maps) {
    const found = maps.filter((map) => !this.groups.has(map));
    for (const map of found) this._join(map);
    if (found.length) this._draw();
  }

  _join(map) {
    map.createPane("ss-measured").style.zIndex = 455;
    map.getPane("ss-measured").style.pointerEvents = "none";
    this.groups.set(map, L.layerGroup().addTo(map));
    if (this.on) map.doubleClickZoom.disable();
    map.on("click", ({ latlng }) => this._put(latlng));
    map.on("mousemove", ({ latlng }) => this._draw(latlng));
    map.on("mouseout", () => this._draw());
    map.on("dblclick", () => this._finish(true));
  }

  get on() { return this.token !== null; }

  /* {token, kind, corners} or nothing; the same token again leaves the hand's work alone. */
  obey(order) {
    const token = order ? order.token : null;
    if (token === this.token) return;
    const corners = order ? order.corners.map((at) => L.latLng(at)) : [];
    Object.assign(this, { token, kind: order && order.kind, corners, ended: corners.length > 0 });
    this.card.hidden = !this.on;
    frame().classList.toggle("ss-measuring", this.on);
    for (const { doubleClickZoom } of this.groups.keys()) {
      if (this.on) doubleClickZoom.disable();
      else doubleClickZoom.enable();
    }
    this._draw();
  }

  _card() {
    this.card = L.DomUtil.create("section", "ss-card ss-outline ss-measure", frame());
    this.card.setAttribute("aria-label", t("Measure"));
    this.card.hidden = true;
    this.figure = L.DomUtil.create("b", "", this.card);
    this.figure.setAttribute("role", "status");
    this.hint = L.DomUtil.create("span", "", this.card);
    const button = (words, pressed) => {
      const made = L.DomUtil.create("button", "", this.card);
      Object.assign(made, { type: "button", textContent: words });
      made.addEventListener("click", pressed);
      return made;
    };
    this.end = button(t("Done"), () => this._finish(false));
    this.back = button(t("Undo"), () => this._undo());
    this.anew = button(t("Anew"), () => this._anew());
    L.DomEvent.disableClickPropagation(this.card).disableScrollPropagation(this.card);
  }

  get _least() { return this.kind === "area" ? 3 : 2; }

  _put(place) {
    if (!this.on) return;
    if (this.ended) this._anew();
    this.corners.push(place);
    this._draw();
  }

  _anew() {
    Object.assign(this, { corners: [], ended: false });
    this._draw();
  }

  _undo() {
    this.ended = false;
    this.corners.pop();
    this._draw();
  }

  /* A double click has put its corner twice. */
  _finish(twice) {
    if (!this.on || this.ended) return;
    const last = this.corners.slice(-2).map((at) => this.map.latLngToContainerPoint(at));
    if (twice && last.length === 2 && last[0].distanceTo(last[1]) < 6) this.corners.pop();
    if (this.corners.length < this._least) return this._draw();
    this.ended = true;
    this._draw();
    this.done(this.token, this.corners.map(({ lat, lng }) => [lat, lng]));
  }

  /* What is drawn, up to the pointer while a hand is at it. */
  _draw(pointer) {
    for (const group of this.groups.values()) group.clearLayers();
    if (!this.on) return;
    const free = this.ended || !pointer || !this.corners.length ? [] : [pointer];
    const shown = [...this.corners, ...free];
    for (const group of this.groups.values()) this._paint(group, shown);
    this._say(shown);
  }

  _paint(group, shown) {
    const polygon = this.kind === "area" && shown.length > 2;
    for (const [color, weight] of [["#FFFFFF", 5], ["#28323A", 2]]) {
      const style = { pane: "ss-measured", interactive: false, color, weight };
      const fill = { fill: polygon, fillColor: "#28323A", fillOpacity: 0.06 };
      (polygon ? L.polygon(shown, { ...style, ...fill }) : L.polyline(shown, style)).addTo(group);
    }
    const dot = { pane: "ss-measured", interactive: false, radius: 4, weight: 2, color: "#28323A" };
    for (const at of this.corners) {
      L.circleMarker(at, { ...dot, fillColor: "#FFFFFF", fillOpacity: 1 }).addTo(group);
    }
  }

  _say(shown) {
    const { georeferenced } = this.setup;
    this.figure.textContent = shown.length < 2 ? BEGIN[this.kind]() : this._size(shown);
    this.hint.textContent = shown.length > 1 ? how(georeferenced) : "";
    this.end.disabled = this.ended || this.corners.length < this._least;
    this.back.disabled = !this.corners.length;
    this.anew.disabled = !this.corners.length;
  }

  _size(shown) {
    const { georeferenced } = this.setup;
    if (this.kind !== "area") return long(length(shown, georeferenced), georeferenced);
    const around = long(length([...shown, shown[0]], georeferenced), georeferenced);
    return t("{size}, around it {around}", { size: large(area(shown, georeferenced), georeferenced), around });
  }

  _key(event) {
    if (!this.on || event.target.closest(TYPED) || event.ctrlKey || event.metaKey) return;
    const act = {
      " ": () => this._put(this.map.getCenter()),
      Backspace: () => this._undo(),
      Enter: () => this._finish(false),
      Escape: () => this._anew(),
    }[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  }
}
