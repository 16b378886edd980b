/* The card with the headline. Landslides and area follow the hand; false alarms hang on what is
   connected at a threshold, so the server counts them when the hand rests. */
import { firstBin } from "./bins.js";
import { frame } from "./frame.js";
import { meaning, names, sentence } from "./headline.js";
import { t } from "./words.js";

const REST_MS = 400;

export class Banner {
  constructor(setup) {
    Object.assign(this, { setup, key: "", figures: null, alarms: new Map(), heard: () => {} });
    this.element = L.DomUtil.create("section", "ss-banner", frame());
    this.element.setAttribute("aria-label", t("What both sides find"));
    this.line = L.DomUtil.create("p", "", this.element);
    this.small = L.DomUtil.create("small", "", this.element);
    this.element.hidden = true;
    // The names of the sides lie under it, however many lines it takes.
    new ResizeObserver(([{ borderBoxSize }]) => {
      const high = this.element.hidden ? 0 : Math.ceil(borderBoxSize[0].blockSize);
      frame().style.setProperty("--banner", `${high ? high + 6 : 0}px`);
    }).observe(this.element);
  }

  /* The sides and the area of a command; the same again asks nothing. */
  give({ left, right, area }) {
    const versions = [left, right].map((side) => `${side.id} ${side.layer.url}`);
    const key = JSON.stringify([...versions, area]);
    if (key === this.key) return;
    Object.assign(this, { key, figures: null, names: names(left, right) });
    this.heard(null); // of the sides before
    this.alarms.clear();
    this.asked = { left: left.id, right: right.id, area };
    this.explained = [left, right].some((side) => side.dataset === "rs-dr");
    this._ask({}).then((figures) => {
      if (key !== this.key) return;
      this.figures = figures;
      this.heard(figures);
      this.draw(this.threshold);
    });
  }

  draw(threshold) {
    this.threshold = threshold;
    const { figures } = this;
    if (!figures || !figures.sides.some(Boolean)) {
      this.element.hidden = true;
      return;
    }
    const alarms = this.alarms.get(threshold) || null;
    const parts = sentence(this.names, figures, firstBin(threshold), alarms);
    const key = JSON.stringify([parts, figures.area, threshold]);
    if (key !== this.drawn) {
      this.drawn = key;
      this.line.replaceChildren(...parts.map(part));
      const words = [figures.area, `p \u2265 ${threshold.toFixed(3)}`];
      if (this.explained) words.push(meaning());
      this.small.textContent = words.join(" \u00b7 ");
    }
    this.element.hidden = false;
    clearTimeout(this._timer);
    if (!alarms) this._timer = setTimeout(() => this._count(threshold), REST_MS);
  }

  async _count(threshold) {
    const { key } = this;
    const alarms = await this._ask({ threshold });
    if (key !== this.key || !alarms) return;
    this.alarms.set(threshold, alarms);
    if (threshold === this.threshold) this.draw(threshold);
  }

  /* What the server says, null where it cannot. */
  async _ask(more) {
    if (!this.setup.reference) return null;
    try {
      const asked = { ...this.asked, ...more, language: this.setup.language };
      const answer = await fetch(`${this.setup.headline}?${new URLSearchParams(asked)}`);
      return answer.ok ? await answer.json() : null;
    } catch {
      return null;
    }
  }
}

function part([text, side]) {
  const element = document.createElement(side ? "b" : "span");
  element.textContent = text;
  if (side) element.className = `ss-of-${side}`;
  return element;
}
