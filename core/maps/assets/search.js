/* A field for a place that somebody writes down; the server reads it and says where that is. */

export class Search {
  constructor(map, setup, went) {
    Object.assign(this, { map, setup, went, mark: null });
    const words = setup.georeferenced ? "latitude, longitude" : "row, column";
    this.element = L.DomUtil.create("form", "ss-card ss-search");
    this.element.setAttribute("role", "search");
    this.field = L.DomUtil.create("input", "", this.element);
    const label = `Go to ${words}`;
    Object.assign(this.field, { type: "text", placeholder: label, maxLength: 80, title: HINT[setup.georeferenced] });
    this.field.setAttribute("aria-label", label);
    this.said = L.DomUtil.create("p", "", this.element);
    this.said.setAttribute("role", "status");
    this.element.addEventListener("submit", (event) => {
      event.preventDefault();
      this._ask(this.field.value.trim());
    });
    this.element.addEventListener("keydown", (event) => {
      event.stopPropagation(); // the map's own keys, and the presenter's
      if (event.key === "Escape") this._clear();
    });
    L.DomEvent.disableClickPropagation(this.element).disableScrollPropagation(this.element);
  }

  _clear() {
    this.field.value = "";
    this._say("");
    if (this.mark) this.mark.remove();
  }

  async _ask(text) {
    if (!text) return this._clear();
    try {
      const answer = await fetch(`${this.setup.search}?${new URLSearchParams({ text })}`);
      if (answer.ok) return this._go(await answer.json());
      this._say(answer.status === 400 ? await answer.text() : "The scene is gone: reload the page.");
    } catch {
      this._say("The server does not answer: try again.");
    }
  }

  _go({ lat, lng }) {
    this._say("");
    this.went();
    this.map.setView([lat, lng], this.map.getZoom(), { animate: false });
    if (this.mark) this.mark.remove();
    const ring = { pane: "ss-spots", interactive: false, radius: 9, weight: 3, color: "#FFFFFF", fill: false };
    const line = { ...ring, weight: 1.5, color: "#1B2329" };
    this.mark = L.layerGroup([L.circleMarker([lat, lng], ring), L.circleMarker([lat, lng], line)]);
    this.mark.addTo(this.map);
  }

  _say(sentence) {
    this.said.textContent = sentence;
    this.field.setAttribute("aria-invalid", String(Boolean(sentence)));
  }
}

const HINT = {
  true: "Degrees, such as 27.265, 102.381 or 27\u00b0 15' 54\" N 102\u00b0 22' 52\" E, or x and y of the scene's grid; Esc clears",
  false: "Counted from 0, such as 120, 88; Esc clears",
};
