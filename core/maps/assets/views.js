/* How the layers share the frame: swipe, 2 x 2, blink, one; and the names over each part. */
SlideScope.MODES = { swipe: "Swipe", grid: "2\u2009\u00d7\u20092", blink: "Blink", one: "One" };
SlideScope.BLINK_MS = 1100;

SlideScope.Views = class {
  /* `main` is the first sheet with slots left, right, one; `changed(name, value)` as the panel's. */
  constructor(comparison, main) {
    Object.assign(this, { comparison, main, mode: null, phase: "left" });
    this.swipe = new SlideScope.Swipe(main.map, ...main.panes);
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
    SlideScope.frame().classList.toggle("ss-grid", mode === "grid");
    main.map.invalidateSize({ animate: false });
    if (this.grid) this.grid.show(mode === "grid");
    this.swipe.enable(mode === "swipe");
    clearInterval(this._blinking);
    this._alternate("left");
    if (mode === "blink") {
      const turn = () => this._alternate(this.phase === "left" ? "right" : "left");
      this._blinking = setInterval(turn, SlideScope.BLINK_MS);
    }
  }

  /* Paint what layers passed over while nobody saw it. */
  freshen() {
    for (const slot of this.main.slots) slot.freshen();
  }

  _alternate(phase) {
    this.phase = phase;
    this.freshen();
    const [left, right, one] = this.main.panes;
    left.style.visibility = this.mode === "one" || (this.mode === "blink" && phase !== "left") ? "hidden" : "";
    right.style.visibility = this.mode === "swipe" || (this.mode === "blink" && phase === "right") ? "" : "hidden";
    one.style.visibility = this.mode === "one" ? "" : "hidden";
    this._whose();
  }

  _whose() {
    const shown = { swipe: [], grid: ["left", "right", "third", "fourth"], blink: [this.phase], one: ["one"] };
    for (const slot in this.names) this.names[slot].hidden = !shown[this.mode].includes(slot);
  }

  /* Write every name; those that can be chosen in the map are lists. */
  draw(choices) {
    this.swipe.name(choices.of("left").title, choices.of("right").title);
    const items = choices.list();
    for (const slot in this.names) {
      const [mark, text] = this.names[slot].children;
      mark.textContent = ["left", "right"].includes(slot) ? slot : "";
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
    const element = L.DomUtil.create("div", `ss-name ss-name-${slot}`, SlideScope.frame());
    L.DomUtil.create("b", "", element);
    const text = L.DomUtil.create(fixed ? "span" : "select", "", element);
    L.DomEvent.disableClickPropagation(element);
    if (!fixed) {
      text.setAttribute("aria-label", slot === "one" ? "Layer" : `Layer of the ${slot} map`);
      text.addEventListener("change", () => this.comparison.set(slot, text.value));
    }
    element.hidden = true;
    return element;
  }
};

/* Presenter: one layer at a time over the whole screen, keys 1 to 9 choose, Esc leaves. */
SlideScope.Presenter = class {
  constructor(comparison) {
    this.comparison = comparison;
    this.strip = L.DomUtil.create("div", "ss-card ss-strip", SlideScope.frame());
    this.strip.setAttribute("role", "group");
    this.strip.setAttribute("aria-label", "Layers by number key");
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
    SlideScope.frame().classList.add("ss-presenting");
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
    SlideScope.frame().classList.remove("ss-presenting");
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
    SlideScope.frame().style.setProperty("--strip", `${this.strip.offsetHeight + 10}px`);
  }

  _key(event) {
    if (!this.on || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Escape") return this.leave();
    const chosen = this._talk && this._talk[Number(event.key) - 1];
    if (!chosen) return;
    event.preventDefault();
    this.comparison.set("one", chosen.id);
  }
};
