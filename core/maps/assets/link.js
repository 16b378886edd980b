/* The comparison's view as the address holds it; `core.maps.bookmark` reads it. */
SlideScope.view = function ({ state, map, setup, presenter, swipe, touched }) {
  const centre = map.getCenter();
  const usual = (value, common) => (value === common ? null : String(value));
  return {
    threshold: String(state.threshold),
    mode: usual(presenter.on ? presenter.before : state.mode, "swipe"),
    third: usual(state.third, ""),
    fourth: usual(state.fourth, ""),
    one: usual(state.one, ""),
    as_left: usual(state.leftStyle, "probability"),
    as_right: usual(state.rightStyle, "probability"),
    opacity: usual(state.opacity, 0.85),
    base: usual(state.base || "none", setup.base),
    outlines: usual(state.outlines ? 1 : 0, 1),
    swipe: usual(Number(swipe.share.toFixed(3)), 0.5),
    at: touched
      ? [centre.lat.toFixed(5), centre.lng.toFixed(5), Number(map.getZoom().toFixed(2))].join()
      : null,
  };
};

/* The whole view lives in the page's address, so that opening it shows the same again. */
SlideScope.Link = class {
  /* `describe()` returns {name: value or null}; null, the usual value, is left out. */
  constructor(describe) {
    this.describe = describe;
  }

  later() {
    clearTimeout(this._timer);
    // The page writes its own part from what the server knows, and drops ours: put it back.
    this._keeper = this._keeper || setInterval(() => this.write(), 1000);
    this._timer = setTimeout(() => this.write(), 250);
  }

  /* Without a word to the server; false where the frame lies in somebody else's page. */
  write() {
    clearTimeout(this._timer);
    try {
      const { location, history } = window.parent;
      const url = new URL(location.href);
      const values = this.describe();
      for (const name in values) {
        if (values[name] === null) url.searchParams.delete(name);
        else url.searchParams.set(name, values[name]);
      }
      if (url.href !== location.href) history.replaceState(history.state, "", url);
      return true;
    } catch {
      return false;
    }
  }

  /* Put the address on the clipboard; where that is refused, show it to be copied by hand. */
  async copy(said) {
    if (!this.write()) return said("The address of this page is out of the map's reach.");
    const address = window.parent.location.href;
    try {
      await navigator.clipboard.writeText(address);
      said("Link copied: it opens this very view.");
    } catch {
      said("Copy this link:", address);
    }
  }
};
