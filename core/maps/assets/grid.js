/* Three more maps beside the first one, moving as it moves. */
import { frame } from "./frame.js";
import { Sheet } from "./sheet.js";

export class Grid {
  constructor(map, setup, failed, pointed) {
    Object.assign(this, { map, moving: false });
    const { crs, zoomSnap, minZoom, maxZoom } = map.options;
    this.sheets = ["right", "third", "fourth"].map((name) => {
      const element = L.DomUtil.create("div", `ss-sheet ss-sheet-${name}`, frame());
      const options = { crs, zoomSnap, minZoom, maxZoom, zoomControl: false };
      const other = L.map(element, { ...options, attributionControl: false });
      other.setView(map.getCenter(), map.getZoom(), { animate: false });
      other.on("move", () => this._follow(other));
      other.on("mousemove", (event) => pointed(event.latlng));
      other.on("mouseout", () => pointed(null));
      return new Sheet(other, setup, [name], failed);
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
}
