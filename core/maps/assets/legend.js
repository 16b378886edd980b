/* The legend of what is shown, with units; it folds, by itself where it would hide one of four maps. */
import { isMade } from "./combined.js";
import { classes, ends, entries, title } from "./entries.js";
import { hatchStyle } from "./hatch.js";
import { called } from "./modes.js";
import { span } from "./span.js";
import { t } from "./words.js";

// Of the frame: below, a legend takes most of a quarter.
const ROOMY = 760;

const reaches = (threshold) => `p \u2265 ${threshold.toFixed(3)}`;

export class Legend {
  constructor(setup) {
    this.setup = setup;
    this.element = L.DomUtil.create("div", "ss-card ss-legend");
    this.element.setAttribute("role", "note");
    this.element.setAttribute("aria-label", t("Legend"));
    this.head = L.DomUtil.create("button", "ss-fold", this.element);
    Object.assign(this.head, { type: "button", textContent: t("Legend") });
    this.body = L.DomUtil.create("div", "ss-entries", this.element);
    this.head.addEventListener("click", () => this.fold(!this.body.hidden));
    this.fold(false);
    L.DomEvent.disableClickPropagation(this.element).disableScrollPropagation(this.element);
  }

  fold(folded) {
    this.body.hidden = folded;
    this.head.setAttribute("aria-expanded", String(!folded));
  }

  /* Fold where the mode leaves no room, unfold where it does; in between it is the hand's. */
  suit(mode, height) {
    const tight = mode === "grid" && height < ROOMY;
    if (tight === this.tight) return;
    this.tight = tight;
    this.fold(tight);
  }

  /* `views`: {where, layer, fill} of every part of the map; the colours of a probability end at
     `top`. */
  draw(views, threshold, top = 1) {
    this.top = top;
    this.body.replaceChildren(...entries(views).map((entry) => this._entry(entry, threshold)));
  }

  _entry(about, threshold) {
    const { layer, flat, fill, sides } = about;
    const entry = L.DomUtil.create("div", "ss-entry");
    const head = L.DomUtil.create("div", "ss-title", entry);
    head.textContent = title(about);
    L.DomUtil.create("i", "", head).textContent = sides.map(called).join(", ");
    const colours = this.setup.palette.colours(layer.table);
    if (flat) this._swatch(entry, fill, reaches(threshold));
    else if (layer.kind === "mask") this._swatch(entry, this.setup.colours.reference, t("landslide"));
    else if (layer.classes.length) this._classes(entry, layer, colours, threshold);
    else if (layer.kind !== "rgb") this._ramp(entry, layer, threshold, colours);
    return entry;
  }

  _classes(entry, layer, colours, threshold) {
    const { shown, more } = classes(layer, threshold);
    for (const [v, word, at] of shown) {
      const hatched = layer.hatched && layer.hatched.includes(v);
      const flat = `rgb(${colours[at].join()})`;
      this._swatch(entry, hatched ? hatchStyle(flat) : flat, word);
    }
    if (more) L.DomUtil.create("div", "ss-more", entry).textContent = t("and {more} more", { more });
    if (isMade(layer)) {
      L.DomUtil.create("div", "ss-more", entry).textContent = t("at {limit}", { limit: reaches(threshold) });
    }
  }

  _swatch(entry, colour, word) {
    const row = L.DomUtil.create("div", "ss-swatch", entry);
    L.DomUtil.create("span", "", row).style.background = colour;
    row.append(word);
  }

  _ramp(entry, layer, threshold, colours) {
    const ramp = L.DomUtil.create("div", "ss-ramp", entry);
    const stops = [];
    for (let i = 0; i < 256; i += 15) stops.push(`rgb(${colours[i].join()})`);
    const strip = L.DomUtil.create("span", "", ramp);
    strip.style.background = `linear-gradient(to right, ${stops.join()})`;
    const chance = layer.kind === "probability";
    const shown = chance ? { ...layer, hi: this.top } : layer;
    L.DomUtil.create("div", "ss-ends", entry).append(...ends(shown).map(span));
    if (chance) {
      const hidden = L.DomUtil.create("div", "ss-hidden", ramp);
      hidden.style.width = `${Math.min(100, (100 * threshold) / this.top)}%`;
    }
  }
}
