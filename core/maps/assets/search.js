/* A field for a place that somebody writes down; the server reads it and says where that is. */
import { t } from "./words.js";

export class Search {
  constructor(map, setup, went) {
    Object.assign(this, { map, setup, went, mark: null });
    this.element = L.DomUtil.create("form", "ss-card ss-search");
    this.element.setAttribute("role", "search");
    this.field = L.DomUtil.create("input", "", this.element);
    const label = setup.georeferenced ? t("Go to latitude, longitude") : t("Go to row, column");
    Object.assign(this.field, { type: "text", placeholder: label, maxLength: 80, title: hint(setup) });
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
      const { search, language } = this.setup;
      const answer = await fetch(`${search}?${new URLSearchParams({ text, language })}`);
      if (answer.ok) return this._go(await answer.json());
      this._say(answer.status === 400 ? await answer.text() : t("The scene is gone: reload the page."));
    } catch {
      this._say(t("The server does not answer: try again."));
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

function hint({ georeferenced }) {
  if (!georeferenced) return t("Counted from 0, such as 120, 88; Esc clears");
  const example = "27.265, 102.381";
  const other = "27\u00b0 15' 54\" N 102\u00b0 22' 52\" E";
  return t("Degrees, such as {example} or {other}, or x and y of the scene's grid; Esc clears", { example, other });
}
