/* The comparison: layers under a swipe, side by side, in turn or alone; settings answer at once. */
import { Banner } from "./banner.js";
import { Choices } from "./choices.js";
import { isMade } from "./combined.js";
import { frame } from "./frame.js";
import { Grid } from "./grid.js";
import { Link } from "./link.js";
import { Measure } from "./measure.js";
import { Outline } from "./outline.js";
import { Palette, rgb } from "./palette.js";
import { Place } from "./place.js";
import { Presenter } from "./presenter.js";
import { Reach } from "./reach.js";
import { Room } from "./room.js";
import { Sheet } from "./sheet.js";
import { sparse } from "./shades.js";
import { Spots } from "./spots.js";
import { wear } from "./theme.js";
import { parameters } from "./view.js";
import { Views } from "./views.js";
import { Waiting } from "./waiting.js";
import { speak, t } from "./words.js";
import { native } from "./zoom.js";

/* What the page of the map calls (`core.maps.comparison`). */
export function start(map, setup) {
  wear();
  speak(setup.words);
  document.documentElement.lang = setup.language;
  return new Comparison(map, { ...setup, palette: new Palette(setup.tables) });
}

class Comparison {
  constructor(map, setup) {
    Object.assign(this, { map, setup, started: false, touched: false, frame: null });
    this.state = {
      mode: "swipe", left: null, right: null, third: "", fourth: "", one: "",
      leftStyle: "probability", rightStyle: "probability",
      threshold: 0.5, opacity: 0.85, base: setup.base, outlines: true, online: false,
    };
    L.Icon.Default.imagePath = setup.images;
    frame().classList.add("ss-frame");
    this.choices = new Choices(setup, this.state);
    this.main = new Sheet(map, setup, ["left", "right", "one"], (l) => this._gone(l));
    this.link = new Link(() => this._view());
    this.views = new Views(this, this.main);
    this.swipe = this.views.swipe;
    this.swipe.moved = () => {
      this.views.freshen();
      this._remember();
    };
    this.room = new Room(this);
    this.waiting = new Waiting();
    this.banner = new Banner(setup);
    this.reach = new Reach((threshold) => this.set("threshold", threshold));
    this.banner.heard = (figures) => {
      this.panel.levels(figures);
      this.reach.give(figures, this.state.threshold);
    };
    this.place = new Place(map, native(setup) + 1);
    this.presenter = new Presenter(this);
    const ended = (token, shape) => this._drew(token, shape);
    this.outline = new Outline(map, setup, ended, (editing) => this._aside(editing));
    this.spots = new Spots(map, (at) => this._put(at));
    this.measure = new Measure(map, setup, (token, corners) => {
      this.measured = { token, corners, id: Date.now() };
      this._send(true);
    });
    this.outlined = this._outlines();
    map.on("moveend", () => this._moved());
  }

  get left() { return this.views.slots.left; }
  get right() { return this.views.slots.right; }
  get base() { return this.main.base; }

  /* A command of the page. `view` counts at first only: afterwards it is the map's own. */
  obey(command) {
    const { left, right, sides, view, order } = command;
    this.choices.sides = sides;
    const before = this.state.left && [this.state.left.id, this.state.right.id].join();
    if (before && before !== [left.id, right.id].join()) this.panel.say(""); // it was of those
    Object.assign(this.state, { left, right });
    if (!this.started) this._open(view, order);
    else if (order && order.token !== this.told) {
      this.told = order.token;
      this.set("threshold", order.threshold);
    }
    this.area = command.area;
    this.scores.give(command.scores);
    this.top = (command.scores && command.scores.top) || 1;
    this.banner.give(command);
    this.started = true;
    this.go(command.goto);
    this.outline.obey(command.outline);
    this.spots.obey(command.spots);
    this.measure.obey(command.measure);
    this.redraw();
    this._remember();
    if (this.area === "extent") this._moved();
  }

  _open(view, order) {
    const { at, swipe, ...rest } = view;
    for (const name in rest) if (rest[name] !== null) this.state[name] = rest[name];
    this.state.sent = this.state.threshold;
    this.told = order ? order.token : null;
    if (order) this._send(true); // an order from before: the page learns what the map starts with
    if (!this.setup.layers.some((layer) => layer.id === this.state.base)) {
      this.state.base = this.state.base === "" ? "" : this.setup.base;
    }
    this._makeRoom();
    if (swipe !== null) this.swipe.move(swipe);
    if (!at) return;
    this.touched = true;
    this.map.setView([at[0], at[1]], at[2], { animate: false });
  }

  get mark() { return this.place.mark; }

  go(bounds) {
    if (this.place.go(bounds)) this.touched = true;
  }

  set(name, value) {
    if (name === "present") return this.presenter.enter();
    if (name === "full") return this.room.full();
    if (name === "copy") return this.link.copy((...words) => this.panel.say(...words));
    this.state[name] = value;
    if (name === "mode") this._makeRoom();
    if (this.frame === null) {
      this.frame = requestAnimationFrame(() => {
        this.frame = null;
        this.redraw();
      });
    }
    if (name === "threshold") this._send();
    this._remember();
  }

  /* Settings and legend would hide one of four maps. */
  _makeRoom() {
    const { mode } = this.state;
    if (mode === "grid") this.panel.fold(true);
    this.legend.suit(mode, frame().clientHeight);
  }

  redraw() {
    const { state, setup, views, choices } = this;
    if (!state.left) return;
    views.set(state.mode);
    const base = setup.layers.find((layer) => layer.id === state.base);
    const shapes = this.shapes;
    for (const sheet of views.sheets) {
      sheet.base.show(base, base && this._style(base, null));
      sheet.base.fade(state.online ? 0.35 : base && base.kind === "grey" ? 0.6 : 1);
      if (shapes && !sheet.lines) sheet.outline(shapes);
      sheet.showOutlines(state.outlines);
      sheet.online(state.online);
    }
    const shown = [];
    for (const [name, slot] of Object.entries(views.slots)) {
      const { layer, fill } = choices.of(name);
      slot.fade(state.opacity);
      slot.show(layer, this._style(layer, fill));
      shown.push({ where: name === "one" ? "" : name, layer, fill, map: slot.map });
    }
    for (const sheet of views.sheets) {
      sheet.shows(shown.filter(({ map }) => map === sheet.map).every(({ layer }) => sparse(layer)));
    }
    this.measure.over(views.sheets.map(({ map }) => map));
    this.waiting.watch(Object.values(views.slots));
    views.draw(choices);
    this.presenter.draw(choices);
    this.panel.draw();
    this.legend.draw(shown, state.threshold, this.top);
    this.scores.draw(state.threshold);
    this.banner.draw(state.threshold);
    this.reach.draw(state.threshold);
    this.readOut.draw(views.slots);
  }

  /* Only what depends on the threshold is painted anew when it moves. */
  _style(layer, fill) {
    const live = layer.kind === "probability" || isMade(layer);
    const threshold = live ? this.state.threshold : 0;
    const style = { table: layer.table, threshold, fill: fill && rgb(fill) };
    return layer.kind === "probability" ? { ...style, top: this.top } : style;
  }

  /* The metric cards follow a moment after the hand rests. */
  _send(force = false) {
    clearTimeout(this._timer);
    this._timer = setTimeout(() => {
      const { threshold } = this.state;
      if ((threshold === this.state.sent && !force) || !window.Streamlit) return;
      this.state.sent = threshold;
      this.link.write(); // first, or the server would answer with the view before
      const { _southWest: low, _northEast: high } = this.map.getBounds();
      const bounds = [[low.lat, low.lng], [high.lat, high.lng]];
      const { told, drawn, clicked, measured } = this;
      window.Streamlit.setComponentValue({ threshold, bounds, told, drawn, clicked, measured });
    }, 150);
  }

  /* While an outline is edited the swipe shows the side under review alone. */
  _aside(editing) {
    if (editing) {
      this._share = this.swipe.share;
      this.swipe.move(this.state.right.id.startsWith("run:") ? 0 : 1);
    } else this.swipe.move(this._share);
  }

  /* An outline was drawn, or given up (shape null). */
  _drew(token, shape) {
    this.drawn = { token, shape };
    this._send(true);
  }

  /* A place was clicked while the page asks for one; the token tells it from the one before. */
  _put(at) {
    this.clicked = { token: Date.now(), at };
    this._send(true);
  }

  /* The view for the address. */
  _view() {
    const { state, setup, presenter, swipe, map, touched } = this;
    const mode = presenter.on ? presenter.before : state.mode;
    const place = touched ? { ...map.getCenter(), zoom: map.getZoom() } : null;
    return parameters({ state, mode, usualBase: setup.base, share: swipe.share, place });
  }

  _moved() {
    this._remember();
    const box = this.map.getBounds().toBBoxString();
    if (this.area !== "extent" || box === this._sentBox) return;
    this._sentBox = box;
    this._send(true);
  }

  _remember() {
    if (this.started) this.link.later();
  }

  _gone(layer) {
    this.panel.say(
      t("Some tiles of '{title}' cannot be had: it may have been deleted, or the server is gone. Reload the page.", layer),
    );
  }

  grid() {
    const pointed = (place) => this.pointed(place);
    return new Grid(this.map, this.setup, (layer) => this._gone(layer), pointed);
  }

  pointed(place) { this.readOut.draw(this.views.slots, place); }

  /* Runs whose probability is shown, or part of what is. */
  runs() {
    return this.choices.runs(Object.keys(this.views.slots));
  }

  async _outlines() {
    if (!this.setup.outlines) return;
    const answer = await fetch(this.setup.outlines);
    if (!answer.ok) return;
    this.shapes = await answer.json();
    this.redraw();
  }
}
