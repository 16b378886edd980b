/* The outline of an object, edited by hand: corners are dragged, added and removed. Nothing is
   decided here: the page gets the shape, polygons of rings of [lat, lng]. */
import { frame } from "./frame.js";
import { STEPS, between, complete, plain, spare } from "./rings.js";
import { t } from "./words.js";
import { native } from "./zoom.js";

export class Outline {
  /* `done(token, shape)` hears how it ended (shape null: given up), `edits(editing)` when a hand
     begins and ends. */
  constructor(map, setup, done, edits) {
    Object.assign(this, { map, setup, done, edits, token: null, shape: [], editing: false });
    this.handles = L.layerGroup().addTo(map);
    map.createPane("ss-edited").style.zIndex = 450;
    this._card();
    map.on("click", (event) => this._clicked(event.latlng));
  }

  /* {token, title, shape, editing} or nothing; the same token again leaves the hand's work alone. */
  obey(order) {
    const token = order ? order.token : null;
    if (token === this.token) return;
    this.token = token;
    this.shape = order ? order.shape.map((part) => part.map((ring) => ring.map((at) => L.latLng(at)))) : [];
    this.title.textContent = order ? order.title : "";
    this._edit(Boolean(order && order.editing));
    if (this.editing) this._approach();
  }

  /* So near that the corners of a small object lie apart. */
  _approach() {
    const bounds = L.latLngBounds(this.shape.flat(2));
    if (!bounds.isValid()) return;
    // The card lies below the headline.
    const padding = { paddingTopLeft: [90, 190], paddingBottomRight: [90, 110] };
    this.map.fitBounds(bounds, { animate: false, ...padding });
  }

  _edit(editing) {
    if (editing !== this.editing) this.edits(editing);
    Object.assign(this, { editing, drawing: false, held: null });
    this.card.hidden = !editing;
    frame().classList.toggle("ss-editing", editing);
    this._draw();
  }

  _card() {
    this.card = L.DomUtil.create("section", "ss-card ss-outline", frame());
    this.card.setAttribute("aria-label", t("Edit the outline"));
    this.card.hidden = true;
    this.title = L.DomUtil.create("b", "", this.card);
    this.hint = L.DomUtil.create("span", "", this.card);
    const button = (words, pressed) => {
      const made = L.DomUtil.create("button", "", this.card);
      Object.assign(made, { type: "button", textContent: words });
      made.addEventListener("click", pressed);
      return made;
    };
    this.use = button(t("Use this outline"), () => this._end(plain(this.shape)));
    button(t("Draw anew"), () => this._anew());
    button(t("Cancel"), () => this._end(null));
    L.DomEvent.disableClickPropagation(this.card).disableScrollPropagation(this.card);
  }

  _anew() {
    this.shape = [[[]]];
    this.drawing = true;
    this._draw();
  }

  _clicked(place) {
    if (!this.editing || !this.drawing) return;
    this.shape[0][0].push(place);
    this._draw();
  }

  _end(shape) {
    const { token } = this;
    if (shape === null) this.shape = [];
    this._edit(false);
    this.done(token, shape);
  }

  _draw() {
    this.handles.clearLayers();
    if (this.line) this.line.remove();
    const about = { pane: "ss-edited", color: "#A34A28", weight: 2.5, interactive: false };
    const rings = this.shape.flat();
    this.line = rings.length
      ? L.polygon(this.shape, { ...about, fillOpacity: 0.08 }).addTo(this.map)
      : null;
    this.hint.textContent = this.drawing
      ? t("Click corner after corner, then the first one.")
      : t("Drag a corner; a small dot adds one; right click or Delete takes one away.");
    this.use.disabled = !complete(rings);
    if (this.editing) for (const ring of rings) this._handles(ring);
  }

  _handles(ring) {
    ring.forEach((_, i) => {
      this._corner(ring, i);
      if (!this.drawing) this._between(ring, i, L.latLng(between(ring, i)));
    });
  }

  _handle(place, kind, title) {
    const icon = L.divIcon({ className: kind, iconSize: null });
    return L.marker(place, { icon, title, draggable: true, keyboard: true }).addTo(this.handles);
  }

  _corner(ring, i) {
    const handle = this._handle(ring[i], "ss-corner", t("Corner"));
    handle.on("drag", (event) => this._moved(ring, i, event.latlng));
    handle.on("dragend", () => this._draw());
    handle.on("contextmenu", () => this._remove(ring, i));
    handle.on("click", () => {
      if (!this.drawing || i || ring.length < 3) return;
      this.drawing = false;
      this._draw();
    });
    const element = handle.getElement();
    element.addEventListener("keydown", (event) => this._key(event, ring, i));
    if (this.held === ring && this.heldAt === i) element.focus();
  }

  _between(ring, i, place) {
    const handle = this._handle(place, "ss-between", t("Add a corner"));
    const add = (at) => ring.splice(i + 1, 0, at);
    handle.on("dragstart", () => add(place));
    handle.on("drag", (event) => this._moved(ring, i + 1, event.latlng));
    handle.on("dragend", () => this._draw());
    handle.on("click", () => {
      add(place);
      this._draw();
    });
  }

  _moved(ring, i, place) {
    ring[i] = place;
    this.line.setLatLngs(this.shape);
  }

  _remove(ring, i) {
    if (!spare(ring, this.drawing)) return;
    ring.splice(i, 1);
    this._draw();
  }

  _key(event, ring, i) {
    const step = STEPS[event.key];
    const away = event.key === "Delete" || event.key === "Backspace";
    if (!step && !away) return;
    event.preventDefault();
    event.stopPropagation(); // else the arrow would pan the map as well
    Object.assign(this, { held: ring, heldAt: i }); // keeps the focus when handles are drawn anew
    if (away) return this._remove(ring, i);
    const zoom = native(this.setup);
    ring[i] = this.map.unproject(this.map.project(ring[i], zoom).add(step), zoom);
    this._draw();
  }
}
