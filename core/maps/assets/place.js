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
    // Above the middle, where the swipe's knob would lie on it.
    const padding = { paddingTopLeft: [60, 40], paddingBottomRight: [60, 200] };
    this.map.fitBounds(bounds, { animate: false, ...padding, maxZoom: this.maxZoom });
    const line = { color: "#1B2329", weight: 2, dashArray: "6 5", fill: false, interactive: false };
    this.mark = L.rectangle(bounds, { ...line, pane: "ss-outlines" }).addTo(this.map);
    return true;
  }
}
