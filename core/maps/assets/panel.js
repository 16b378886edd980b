/* What lies on the map's corners: settings, legend, read-out. Every part has `element`. */
import { template } from "./knobs.js";
import { outline } from "./levels.js";
import { t } from "./words.js";

const NARROW = 900;

export class Panel {
  /* `state` is the comparison's; `changed(name, value)` tells it of every turn of a knob. */
  constructor(setup, state, changed) {
    Object.assign(this, { setup, state, changed, folded: () => {} });
    this.element = L.DomUtil.create("section", "ss-card ss-panel");
    this.element.setAttribute("aria-label", t("Map settings"));
    this.element.innerHTML = template();
    L.DomEvent.disableClickPropagation(this.element).disableScrollPropagation(this.element);
    for (const key of ["keydown", "dblclick"]) {
      this.element.addEventListener(key, (e) => e.stopPropagation());
    }
    const base = this.at("base");
    base.add(new Option(t("No base"), ""));
    for (const layer of setup.layers) {
      if (layer.kind !== "mask") base.add(new Option(layer.title, layer.id));
    }
    this.at("outlines").closest("label").hidden = !setup.outlines;
    this.at("online").closest("label").hidden = !setup.georeferenced;
    this._listen();
  }

  at(name) {
    return this.element.querySelector(`[data-name="${name}"]`);
  }

  _listen() {
    for (const name of ["threshold", "opacity"]) {
      this.at(name).addEventListener("input", (e) => this.changed(name, Number(e.target.value)));
    }
    this.at("base").addEventListener("change", (e) => this.changed("base", e.target.value));
    for (const name of ["outlines", "online"]) {
      this.at(name).addEventListener("change", (e) => this.changed(name, e.target.checked));
    }
    for (const button of this.at("mode").querySelectorAll("button")) {
      button.addEventListener("click", () => this.changed("mode", button.value));
    }
    for (const name of ["present", "full", "copy"]) {
      this.at(name).addEventListener("click", () => this.changed(name, true));
    }
    for (const side of ["left", "right"]) {
      for (const button of this.at(`${side}-style`).querySelectorAll("button")) {
        button.addEventListener("click", () => this.changed(`${side}Style`, button.value));
      }
    }
    this.at("fold").addEventListener("click", () => this.fold(this.at("body").hidden === false));
  }

  fold(folded) {
    this.byItself = false;
    this.at("body").hidden = folded;
    this.at("fold").setAttribute("aria-expanded", String(!folded));
    this.folded(folded);
  }

  /* A frame that gets narrow (an open drawer) folds it, one that gets wide again opens it. */
  fit(width) {
    const narrow = width < NARROW;
    if (narrow === this.narrow) return;
    this.narrow = narrow;
    if (narrow ? this.at("body").hidden : !this.byItself) return;
    this.fold(narrow);
    this.byItself = narrow;
  }

  draw() {
    const { state } = this;
    for (const name of ["threshold", "opacity", "base"]) this.at(name).value = state[name];
    this.at("threshold-value").textContent = state.threshold.toFixed(3);
    this.at("opacity-value").textContent = `${Math.round(100 * state.opacity)}\u2009%`;
    for (const name of ["outlines", "online"]) this.at(name).checked = state[name];
    for (const button of this.at("mode").querySelectorAll("button")) {
      button.setAttribute("aria-pressed", String(button.value === state.mode));
    }
    let anyProbability = false;
    for (const side of ["left", "right"]) {
      const group = this.at(`${side}-style`);
      const probability = state[side] !== null && state[side].layer.kind === "probability";
      anyProbability = anyProbability || probability;
      group.hidden = !probability;
      for (const button of group.querySelectorAll("button")) {
        if (button.value === "errors") button.hidden = this.setup.reference === null;
        button.setAttribute("aria-pressed", String(button.value === state[`${side}Style`]));
      }
    }
    this.at("threshold").closest("label").hidden = !anyProbability;
  }

  /* How many pixels of each side have which probability, beside the slider. */
  levels(figures) {
    const sides = figures ? figures.sides : [];
    this.at("levels").toggleAttribute("hidden", !sides.some(Boolean));
    const paths = sides.map((side, i) => side && `<path class="ss-${i ? "right" : "left"}" d="${outline(side.bins)}"/>`);
    this.at("levels").innerHTML = paths.filter(Boolean).join("");
  }

  /* A sentence under the buttons, with a link to copy by hand where there is one. */
  say(sentence, address) {
    const said = this.at("said");
    said.textContent = sentence;
    if (!address) return;
    const field = L.DomUtil.create("input", "", said);
    Object.assign(field, { readOnly: true, value: address });
    field.select();
  }
}
