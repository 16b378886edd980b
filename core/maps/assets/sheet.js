/* One map of the frame: base, slots for layers, outlines. The first sheet is folium's own map; the
   others of the 2 x 2 view follow it. */
import { Slot } from "./slot.js";
import { native, numbering, outlined } from "./zoom.js";

// Outlines over the layers, or between the base and them.
const [OVER, UNDER] = [400, 290];

export class Sheet {
  constructor(map, setup, slots, failed) {
    Object.assign(this, { map, setup });
    const pane = (name, z) => {
      map.createPane(name).style.zIndex = z;
      return map.getPane(name);
    };
    pane("ss-base", 200);
    this.panes = slots.map((name, i) => pane(`ss-${name}`, 300 + i));
    pane("ss-outlines", OVER).style.pointerEvents = "none";
    const about = { bounds: L.latLngBounds(setup.bounds), palette: setup.palette };
    const options = { ...about, ...numbering(setup) };
    this.base = new Slot(map, "ss-base", options, failed);
    this.slots = slots.map((name) => new Slot(map, `ss-${name}`, options, failed));
    const coarse = () =>
      map.getContainer().classList.toggle("ss-over", map.getZoom() > native(setup));
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
    const weigh = () => {
      const about = outlined(this.map.getZoom(), this.setup, this.sparse);
      halo.setStyle({ weight: about.halo, stroke: about.halo > 0 });
      ink.setStyle({ weight: about.ink, opacity: about.opacity });
      this.map.getPane("ss-outlines").style.zIndex = about.over ? OVER : UNDER;
    };
    this.map.on("zoomend", weigh);
    weigh();
    this.weigh = weigh;
  }

  /* Whether all that is shown is drawn on part of the ground alone. */
  shows(sparse) {
    if (sparse === this.sparse) return;
    this.sparse = sparse;
    if (this.weigh) this.weigh();
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
}
