/* The scores of both sides at the live threshold, and the point on their PR and ROC curves. All of
   it was computed by `core.learning.metrics` at every threshold; here it is only looked up. */
SlideScope.Scores = class {
  constructor() {
    this.element = L.DomUtil.create("section", "ss-card ss-scores");
    this.element.setAttribute("aria-label", "Scores and curves");
    this.element.innerHTML = `
      <button type="button" class="ss-fold" aria-expanded="false">Scores and curves</button>
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
    const at = SlideScope.firstBin(threshold);
    if (this._drawn !== this.scores) this._curves();
    this._drawn = this.scores;
    for (const { x, y, dots } of this.plots) {
      this.scores.sides.forEach((side, i) => {
        if (!side) return;
        dots[i].setAttribute("cx", 100 * side[x][at]);
        dots[i].setAttribute("cy", 100 - 100 * side[y][at]);
      });
    }
    this._table(at);
  }

  _table(at) {
    const cells = ([name, title]) => {
      const [left, right] = this.scores.sides.map((side) => side && side[name][at]);
      const shown = [left, right].map((value) => (value === null ? "\u2013" : value.toFixed(3)));
      const gain = left === null || right === null ? "" : this._points(right - left);
      return `<tr><th>${title}</th><td>${shown[0]}</td><td>${shown[1]}</td><td>${gain}</td></tr>`;
    };
    const head = "<tr><th></th><th>left</th><th>right</th><th>points</th></tr>";
    const rows = this.scores.titles.map(cells).join("");
    this.body.querySelector("table").innerHTML = head + rows;
    this.body.querySelector("p").textContent = this.scores.area;
  }

  _points(difference) {
    return `${difference < 0 ? "\u2212" : "+"}${Math.abs(100 * difference).toFixed(1)}`;
  }

  _curves() {
    const plots = [["recall", "precision", "PR"], ["fpr", "recall", "ROC"]];
    const svg = plots.map(([x, y, title]) => {
      const lines = this.scores.sides.map((side, i) => {
        // Where nothing is predicted there is no precision: the PR curve ends before.
        const points = side ? side[x].map((v, k) => [v, side[y][k], side.recall[k]]) : [];
        const drawn = points.filter(([, , recall]) => title === "ROC" || recall > 0);
        const path = drawn.map(([u, v]) => `${100 * u},${100 - 100 * v}`).join(" ");
        return `<polyline class="ss-${i ? "right" : "left"}" points="${path}"/>`;
      });
      const dots = [0, 1].map((i) => `<circle r="4" class="ss-${i ? "right" : "left"}"/>`);
      const name = { recall: "recall", precision: "precision", fpr: "FPR" };
      return `<figure><figcaption>${title}</figcaption>
        <svg viewBox="-5 -5 110 110" role="img" aria-label="${title} curve of both sides">
        <rect width="100" height="100"/>${lines.join("")}${dots.join("")}</svg>
        <small>${name[y]} over ${name[x]}</small></figure>`;
    });
    const place = this.body.querySelector(".ss-curves");
    place.innerHTML = svg.join("");
    this.plots = plots.map(([x, y], i) => {
      const dots = place.querySelectorAll("svg")[i].querySelectorAll("circle");
      dots.forEach((dot, k) => (dot.style.display = this.scores.sides[k] ? "" : "none"));
      return { x, y, dots };
    });
  }
};
