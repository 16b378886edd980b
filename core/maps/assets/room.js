/* The room of the map: where it opens, what lies in its corners, what follows the frame's size. */
import { whole } from "./extent.js";
import { frame } from "./frame.js";
import { Legend } from "./legend.js";
import { Panel } from "./panel.js";
import { PixelScale } from "./pixelscale.js";
import { ReadOut } from "./readout.js";
import { Scores } from "./scores.js";
import { Search } from "./search.js";
import { t } from "./words.js";
import { limits } from "./zoom.js";

export class Room {
  constructor(comparison) {
    const { map, setup } = comparison;
    Object.assign(this, { comparison, map, setup });
    Object.assign(map.options, limits(setup));
    map.setMaxBounds(L.latLngBounds(setup.bounds).pad(1));
    this.view = L.latLngBounds(whole(setup));
    comparison.fit = () => map.fitBounds(this.view, { animate: false });
    this.open();
    // A hand on the map keeps its place; what the frame does by itself is no hand.
    map.on("movestart zoomstart", () => {
      if (!this.opening && comparison.settled) comparison.touched = true;
    });
    setTimeout(() => (comparison.settled = true), 600);
    this._corners();
    new ResizeObserver(() => this._resized()).observe(map.getContainer());
    new ResizeObserver(() => this._fitLegend()).observe(comparison.panel.element);
  }

  /* Show what a map shows that nobody has touched. */
  open() {
    const { map, setup } = this;
    this.opening = true;
    map.fitBounds(setup.opening ? L.latLngBounds(setup.opening) : this.view, { animate: false });
    // The frame is wider than the part it opens with: no paper beside the scene.
    if (setup.opening) map.panInsideBounds(L.latLngBounds(setup.bounds), { animate: false });
    this.opening = false;
  }

  full() {
    if (document.fullscreenElement) return document.exitFullscreen();
    const said = t("This browser does not give the map the whole screen.");
    const refused = () => this.comparison.panel.say(said);
    const asked = document.documentElement.requestFullscreen;
    if (asked) asked.call(document.documentElement).catch(refused);
    else refused();
  }

  _resized() {
    const { comparison, map } = this;
    map.invalidateSize({ animate: false });
    if (!comparison.touched) this.open();
    comparison.panel.fit(frame().clientWidth);
    comparison.legend.suit(comparison.state.mode, frame().clientHeight);
    const { grid, mode } = comparison.views;
    if (grid) grid.show(mode === "grid");
    this._fitLegend();
  }

  _fitLegend() {
    const { legend, panel } = this.comparison;
    const room = frame().clientHeight - panel.element.offsetHeight - 46;
    legend.element.style.maxHeight = `${Math.max(room, 60)}px`;
  }

  _corners() {
    const { comparison, map, setup } = this;
    const set = (name, value) => comparison.set(name, value);
    comparison.panel = new Panel(setup, comparison.state, set);
    comparison.swipe.covered = () => comparison.panel.element.offsetWidth + 12;
    comparison.panel.folded = () => comparison.swipe.move(comparison.swipe.share);
    comparison.legend = new Legend(setup);
    comparison.readOut = new ReadOut(setup, () => comparison.runs());
    L.control.zoom({ position: "topleft", zoomInTitle: t("Zoom in"), zoomOutTitle: t("Zoom out") }).addTo(map);
    this._place(this._whole(), "topleft");
    const search = new Search(map, setup, () => (comparison.touched = true));
    this._place(search.element, "topleft");
    if (setup.synthetic) {
      const tag = L.DomUtil.create("div", "ss-card ss-tag");
      tag.textContent = t("synthetic scene");
      this._place(tag, "topleft");
    }
    comparison.scores = new Scores();
    this._place(comparison.scores.element, "topleft");
    this._place(comparison.panel.element, "topright");
    this._place(comparison.legend.element, "bottomright");
    const scale = setup.georeferenced ? L.control.scale : (o) => new PixelScale(o);
    scale({ imperial: false, maxWidth: 140, position: "bottomleft" }).addTo(map);
    this._place(comparison.readOut.element, "bottomleft");
    map.on("mousemove", (event) => comparison.pointed(event.latlng));
    map.on("mouseout", () => comparison.pointed(null));
    // Over the whole frame: in the 2 x 2 view the first map has a quarter of it.
    frame().append(map.getContainer().querySelector(".leaflet-control-container"));
  }

  _place(element, position) {
    const control = L.control({ position });
    control.onAdd = () => element;
    control.addTo(this.map);
  }

  _whole() {
    const button = L.DomUtil.create("button", "ss-card ss-whole");
    Object.assign(button, { type: "button", textContent: t("Whole scene") });
    button.addEventListener("click", () => {
      this.comparison.touched = true;
      this.comparison.fit();
    });
    L.DomEvent.disableClickPropagation(button);
    return button;
  }
}
