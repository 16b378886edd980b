/* How the layers share the frame: swipe, 2 x 2, blink, one; and the names over each part. */
import { frame } from "./frame.js";
import { called, named, seen } from "./modes.js";
import { Swipe } from "./swipe.js";
import { t } from "./words.js";

const BLINK_MS = 1100;
// Of the lists of layers, for readers.
const LABELS = {
  third: () => t("Layer of the third map"),
  fourth: () => t("Layer of the fourth map"),
  one: () => t("Layer"),
};

export class Views {
  /* `main` is the first sheet with slots left, right, one; `changed(name, value)` as the panel's. */
  constructor(comparison, main) {
    Object.assign(this, { comparison, main, mode: null, phase: "left" });
    this.swipe = new Swipe(main.map, ...main.panes);
    this.names = {};
    for (const slot of ["left", "right", "third", "fourth", "one"]) this.names[slot] = this._name(slot);
  }

  get slots() {
    const [left, right, one] = this.main.slots;
    if (this.mode === "one") return { one };
    if (this.mode !== "grid") return { left, right };
    const [second, third, fourth] = this.grid.sheets.map((sheet) => sheet.slots[0]);
    return { left, right: second, third, fourth };
  }

  get sheets() {
    return this.mode === "grid" ? [this.main, ...this.grid.sheets] : [this.main];
  }

  set(mode) {
    if (mode === this.mode) return;
    const { comparison, main } = this;
    if (mode === "grid" && !this.grid) this.grid = comparison.grid();
    const before = this.mode ? Object.values(this.slots) : [];
    this.mode = mode;
    const kept = new Set(Object.values(this.slots));
    for (const slot of before) if (!kept.has(slot)) slot.show(null);
    frame().classList.toggle("ss-grid", mode === "grid");
    main.map.invalidateSize({ animate: false });
    if (this.grid) this.grid.show(mode === "grid");
    this.swipe.enable(mode === "swipe");
    clearInterval(this._blinking);
    this._alternate("left");
    if (mode === "blink") {
      const turn = () => this._alternate(this.phase === "left" ? "right" : "left");
      this._blinking = setInterval(turn, BLINK_MS);
    }
  }

  /* Paint what layers passed over while nobody saw it. */
  freshen() {
    for (const slot of this.main.slots) slot.freshen();
  }

  _alternate(phase) {
    this.phase = phase;
    this.freshen();
    const shown = seen(this.mode, phase);
    ["left", "right", "one"].forEach((name, i) => {
      this.main.panes[i].style.visibility = shown.includes(name) ? "" : "hidden";
    });
    this._whose();
  }

  _whose() {
    const shown = named(this.mode, this.phase);
    for (const slot in this.names) this.names[slot].hidden = !shown.includes(slot);
  }

  /* Write every name; those that can be chosen in the map are lists. */
  draw(choices) {
    this.swipe.name(choices.of("left").title, choices.of("right").title);
    const items = choices.list();
    for (const slot in this.names) {
      const [mark, text] = this.names[slot].children;
      mark.textContent = ["left", "right"].includes(slot) ? called(slot) : "";
      const now = choices.of(slot);
      if (text.tagName !== "SELECT") text.textContent = now.title;
      else {
        const key = JSON.stringify(items);
        if (text.dataset.items !== key) {
          text.replaceChildren(...items.map(([id, title]) => new Option(title, id)));
          text.dataset.items = key;
        }
        text.value = now.id;
      }
    }
    this._whose();
  }

  _name(slot) {
    const fixed = slot === "left" || slot === "right";
    const element = L.DomUtil.create("div", `ss-name ss-name-${slot}`, frame());
    L.DomUtil.create("b", "", element);
    const text = L.DomUtil.create(fixed ? "span" : "select", "", element);
    L.DomEvent.disableClickPropagation(element);
    if (!fixed) {
      text.setAttribute("aria-label", LABELS[slot]());
      text.addEventListener("change", () => this.comparison.set(slot, text.value));
    }
    element.hidden = true;
    return element;
  }
}
