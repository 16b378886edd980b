/* Where the page sent the map, with a dashed frame around it. */
export class Place {
  constructor(map, maxZoom) {
    Object.assign(this, { map, maxZoom, mark: null, went: "null" });
  }

  /* Move to [[south, west], [north, east]], true if the map went there; the page repeats its
     commands, so each place once. */
  go(bounds) {
    const key = JSON.stringify(bounds || null);
    if (key === this.went) return false;
    this.went = key;
    if (this.mark) this.mark.remove();
    this.mark = null;
    if (!bounds) return false;
    this.map.fitBounds(bounds, { animate: false, ...padding(this.map.getSize()), maxZoom: this.maxZoom });
    const line = { color: "#1B2329", weight: 2, dashArray: "6 5", fill: false, interactive: false };
    this.mark = L.rectangle(bounds, { ...line, pane: "ss-outlines" }).addTo(this.map);
    return true;
  }
}

/* What is left free around a place on a map of {x, y} pixels: it lies above the middle, where the
   swipe's knob would lie on it; on one of four maps there is less to give. */
export function padding({ x, y }) {
  const side = Math.min(60, x / 6);
  return { paddingTopLeft: [side, Math.min(40, y / 8)], paddingBottomRight: [side, Math.min(200, y / 3)] };
}
