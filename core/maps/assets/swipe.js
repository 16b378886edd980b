/* The swipe: two panes clipped at one line that a pointer or the arrow keys move. */
import { labels } from "./clip.js";
import { called } from "./modes.js";
import { t } from "./words.js";

export class Swipe {
  constructor(map, leftPane, rightPane) {
    Object.assign(this, { map, leftPane, rightPane, share: 0.5, enabled: true, moved: () => {} });
    this.covered = () => 0; // pixels of the upper right corner under the settings
    this._build();
    map.on("move zoomend resize viewreset", () => this._clip());
    this._clip();
  }

  _build() {
    const bar = L.DomUtil.create("div", "ss-swipe", this.map.getContainer());
    const line = L.DomUtil.create("div", "ss-swipe-line", bar);
    const knob = L.DomUtil.create("div", "ss-swipe-knob", bar);
    this.labels = ["left", "right"].map((side) => {
      const label = L.DomUtil.create("div", `ss-side ss-side-${side}`, bar);
      L.DomUtil.create("b", "", label).textContent = called(side);
      return L.DomUtil.create("span", "", label);
    });
    line.setAttribute("aria-hidden", "true");
    const about = { role: "slider", tabindex: 0, "aria-valuemin": 0, "aria-valuemax": 100 };
    about["aria-label"] = t("Swipe between left and right");
    for (const name in about) knob.setAttribute(name, about[name]);
    Object.assign(this, { bar, knob });
    for (const part of [line, knob]) part.addEventListener("pointerdown", (e) => this._grab(e));
    knob.addEventListener("keydown", (e) => this._key(e));
    L.DomEvent.disableClickPropagation(bar);
  }

  name(left, right) {
    [left, right].forEach((title, i) => (this.labels[i].textContent = title));
  }

  move(share) {
    this.share = Math.min(1, Math.max(0, share));
    this._clip();
    this.moved();
  }

  /* Off: no line, and both panes whole. */
  enable(enabled) {
    this.enabled = enabled;
    this.bar.hidden = !enabled;
    this._clip();
  }

  _grab(event) {
    event.preventDefault();
    event.stopPropagation();
    this.knob.focus({ preventScroll: true });
    const part = event.currentTarget;
    part.setPointerCapture(event.pointerId);
    const box = this.map.getContainer().getBoundingClientRect();
    const drag = (e) => this.move((e.clientX - box.left) / box.width);
    const drop = () => {
      part.removeEventListener("pointermove", drag);
      this.bar.classList.remove("ss-held");
    };
    this.bar.classList.add("ss-held");
    part.addEventListener("pointermove", drag);
    for (const end of ["pointerup", "pointercancel"]) {
      part.addEventListener(end, drop, { once: true });
    }
  }

  _key(event) {
    const step = { ArrowLeft: -0.02, ArrowRight: 0.02, Home: -1, End: 1 }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    event.stopPropagation(); // else the arrow would pan the map as well
    this.move(this.share + step);
  }

  _clip() {
    if (!this.enabled) {
      this.leftPane.style.clip = this.rightPane.style.clip = "";
      this.leftPane.shares = this.rightPane.shares = null;
      return;
    }
    const size = this.map.getSize();
    const corner = this.map.containerPointToLayerPoint([0, 0]);
    const end = this.map.containerPointToLayerPoint(size);
    const at = corner.x + size.x * this.share;
    const rect = (from, to) => `rect(${corner.y}px, ${to}px, ${end.y}px, ${from}px)`;
    // Which part of the frame's width each pane shows: layers paint that first.
    Object.assign(this.leftPane, { shares: [0, this.share] });
    Object.assign(this.rightPane, { shares: [this.share, 1] });
    this.leftPane.style.clip = rect(corner.x, at);
    this.rightPane.style.clip = rect(at, end.x);
    this.bar.style.left = `${100 * this.share}%`;
    this.knob.setAttribute("aria-valuenow", Math.round(100 * this.share));
    labels(size.x, this.share, this.covered()).forEach(({ inset, width }, i) => {
      const label = this.labels[i].parentNode;
      label.style[i ? "left" : "right"] = `${12 + inset}px`;
      label.style.maxWidth = `${Math.max(0, width)}px`;
      label.style.visibility = width < 48 ? "hidden" : "";
    });
  }
}
