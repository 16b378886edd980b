/* A button on a map that nothing is drawn on, because nothing reaches the threshold. */
import { frame } from "./frame.js";
import { unreached, words } from "./levels.js";

export class Reach {
  /* `use(threshold)` hears that it was pressed. */
  constructor(use) {
    this.element = L.DomUtil.create("button", "ss-reach", frame());
    Object.assign(this.element, { type: "button", hidden: true });
    this.element.addEventListener("click", () => use(this.found.proposed));
    L.DomEvent.disableClickPropagation(this.element);
  }

  /* Figures of the headline, null while there are none. */
  give(figures, threshold) {
    this.figures = figures;
    this.draw(threshold);
  }

  draw(threshold) {
    this.found = this.figures && unreached(this.figures.sides, threshold);
    this.element.hidden = !this.found;
    if (this.found) this.element.textContent = words(threshold, this.found);
  }
}
