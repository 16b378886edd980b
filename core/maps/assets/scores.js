/* The scores of both sides at the live threshold, and the point on their PR and ROC curves. All of
   it was computed by `core.learning.scores.metrics` at every threshold; here it is only looked up. */
import { firstBin } from "./bins.js";
import { PLOTS, axes, inPicture, path, row } from "./curves.js";
import { t } from "./words.js";

export class Scores {
  constructor() {
    this.element = L.DomUtil.create("section", "ss-card ss-scores");
    const title = t("Scores and curves");
    this.element.setAttribute("aria-label", title);
    this.element.innerHTML = `
      <button type="button" class="ss-fold" aria-expanded="false">${title}</button>
      <div hidden><div class="ss-curves"></div><table></table><p></p></div>`;
    const [fold, body] = this.element.children;
    Object.assign(this, { fold, body });
    fold.addEventListener("click", () => {
      body.hidden = !body.hidden;
      fold.setAttribute("aria-expanded", String(!body.hidden));
      this.draw(this.threshold);
    });
    L.DomEvent.disableClickPropagation(this.element).disableScrollPropagation(this.element);
  }

  /* {sides: [left, right], area, titles}; a side is null where there is nothing to score. */
  give(scores) {
    this.scores = scores;
    this.element.hidden = !scores || !scores.sides.some(Boolean);
    this._drawn = null;
  }

  draw(threshold) {
    this.threshold = threshold;
    if (this.body.hidden || this.element.hidden || !this.scores) return;
    const at = firstBin(threshold);
    if (this._drawn !== this.scores) this._curves();
    this._drawn = this.scores;
    for (const { x, y, dots } of this.plots) {
      this.scores.sides.forEach((side, i) => {
        if (!side) return;
        const [cx, cy] = inPicture(side[x][at], side[y][at]);
        dots[i].setAttribute("cx", cx);
        dots[i].setAttribute("cy", cy);
      });
    }
    this._table(at);
  }

  _table(at) {
    const cells = ([name, title]) => {
      const values = row(this.scores.sides, name, at).map((text) => `<td>${text}</td>`);
      return `<tr><th>${title}</th>${values.join("")}</tr>`;
    };
    const heads = [t("left"), t("right"), t("points")].map((text) => `<th>${text}</th>`);
    const head = `<tr><th></th>${heads.join("")}</tr>`;
    const rows = this.scores.titles.map(cells).join("");
    this.body.querySelector("table").innerHTML = head + rows;
    this.body.querySelector("p").textContent = this.scores.area;
  }

  _curves() {
    const svg = PLOTS.map((plot) => {
      const { title } = plot;
      const label = t("{title} curve of both sides", plot);
      const lines = this.scores.sides.map(
        (side, i) => `<polyline class="ss-${i ? "right" : "left"}" points="${path(side, plot)}"/>`,
      );
      const dots = [0, 1].map((i) => `<circle r="4" class="ss-${i ? "right" : "left"}"/>`);
      return `<figure><figcaption>${title}</figcaption>
        <svg viewBox="-5 -5 110 110" role="img" aria-label="${label}">
        <rect width="100" height="100"/>${lines.join("")}${dots.join("")}</svg>
        <small>${axes(plot)}</small></figure>`;
    });
    const place = this.body.querySelector(".ss-curves");
    place.innerHTML = svg.join("");
    this.plots = PLOTS.map(({ x, y }, i) => {
      const dots = place.querySelectorAll("svg")[i].querySelectorAll("circle");
      dots.forEach((dot, k) => (dot.style.display = this.scores.sides[k] ? "" : "none"));
      return { x, y, dots };
    });
  }
}
