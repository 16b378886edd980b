/* Presenter: one layer at a time over the whole screen, keys 1 to 9 choose, Esc leaves. */
import { frame } from "./frame.js";
import { t } from "./words.js";

export class Presenter {
  constructor(comparison) {
    this.comparison = comparison;
    this.strip = L.DomUtil.create("div", "ss-card ss-strip", frame());
    this.strip.setAttribute("role", "group");
    this.strip.setAttribute("aria-label", t("Layers by number key"));
    this.strip.hidden = true;
    document.addEventListener("keydown", (event) => this._key(event));
    document.addEventListener("fullscreenchange", () => {
      if (!document.fullscreenElement && this._full) this.leave();
    });
  }

  get on() {
    return !this.strip.hidden;
  }

  enter() {
    this.before = this.comparison.state.mode;
    this.strip.hidden = false;
    frame().classList.add("ss-presenting");
    this.comparison.set("mode", "one");
    const asked = document.documentElement.requestFullscreen;
    // Refused or unknown: the presenter works in the page as well.
    if (asked) asked.call(document.documentElement).then(() => (this._full = true), () => {});
    document.body.tabIndex = -1;
    document.body.focus();
  }

  leave() {
    if (!this.on) return;
    this.strip.hidden = true;
    this._full = false;
    frame().classList.remove("ss-presenting");
    if (document.fullscreenElement) document.exitFullscreen();
    this.comparison.set("mode", this.before);
  }

  draw(choices) {
    if (!this.on) return;
    this._talk = choices.talk();
    const now = choices.of("one").id;
    this.strip.replaceChildren(
      ...this._talk.map(({ id, title }, i) => {
        const button = L.DomUtil.create("button");
        button.type = "button";
        button.append(document.createElement("b"), title);
        button.firstChild.textContent = i + 1;
        button.title = title;
        button.setAttribute("aria-pressed", String(id === now));
        button.addEventListener("click", () => this.comparison.set("one", id));
        return button;
      }),
    );
    frame().style.setProperty("--strip", `${this.strip.offsetHeight + 10}px`);
  }

  _key(event) {
    if (!this.on || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Escape") return this.leave();
    const chosen = this._talk && this._talk[Number(event.key) - 1];
    if (!chosen) return;
    event.preventDefault();
    this.comparison.set("one", chosen.id);
  }
}
