/* Spots that the page draws and the hand puts: a click on the map, while the page asks for one,
   tells where. */
import { frame } from "./frame.js";

export class Spots {
  /* `put(place)` hears of a click, [lat, lng]. */
  constructor(map, put) {
    Object.assign(this, { map, put, wanted: false });
    this.marks = L.layerGroup().addTo(map);
    map.createPane("ss-spots").style.zIndex = 460;
    map.on("click", ({ latlng }) => this.wanted && this.put([latlng.lat, latlng.lng]));
  }

  /* [{name, at, colour}], all there are; nothing where the page asks for no click. */
  obey(spots) {
    this.wanted = Boolean(spots);
    frame().classList.toggle("ss-spotting", this.wanted);
    this.marks.clearLayers();
    for (const { name, at, colour } of spots || []) this._mark(name, at, colour);
  }

  _mark(name, at, colour) {
    const about = { pane: "ss-spots", interactive: false, radius: 7, weight: 2.5 };
    L.circleMarker(at, { ...about, color: "#FFFFFF", fillColor: colour, fillOpacity: 1 })
      .bindTooltip(name, { permanent: true, direction: "right", className: "ss-spot", offset: [6, 0] })
      .addTo(this.marks);
  }
}
