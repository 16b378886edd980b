/* The whole view lives in the page's address, so that opening it shows the same again. */
import { written } from "./view.js";
import { t } from "./words.js";

export class Link {
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
      const address = written(location.href, this.describe());
      if (address !== location.href) history.replaceState(history.state, "", address);
      return true;
    } catch {
      return false;
    }
  }

  /* Put the address on the clipboard; where that is refused, show it to be copied by hand. */
  async copy(said) {
    if (!this.write()) return said(t("The address of this page is out of the map's reach."));
    const address = window.parent.location.href;
    try {
      await navigator.clipboard.writeText(address);
      said(t("Link copied: it opens this very view."));
    } catch {
      said(t("Copy this link:"), address);
    }
  }
}
