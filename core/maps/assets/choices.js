/* What each part of the map shows. Ids: `left`, `right` (what the page chose), `gained`,
   `errors:left`, `errors:right` (made of those), and every side that the page knows. */
import { errors, gained } from "./combined.js";
import { t } from "./words.js";

export class Choices {
  constructor(setup, state) {
    Object.assign(this, { setup, state, sides: [] });
  }

  list() {
    const { state } = this;
    const made = ["gained", "errors:left", "errors:right"].filter((id) => this.find(id));
    const items = [
      ["left", t("Left: {title}", state.left)],
      ["right", t("Right: {title}", state.right)],
    ];
    items.push(...made.map((id) => [id, this.find(id).title]));
    return [...items, ...this.sides.map((side) => [side.id, side.title])];
  }

  /* {id, title, layer, fill} of an id, null where there is no such thing. */
  find(id) {
    const { state, setup } = this;
    const scored = (side) => side && side.layer.kind === "probability";
    if (id === "left" || id === "right") return this._side(id);
    if (id === "gained") {
      if (!scored(state.left) || !scored(state.right)) return null;
      const layer = gained(setup, state.left.layer, state.right.layer);
      return { id, title: t("{title}: left to right", layer), layer, fill: null };
    }
    const [kind, name] = id.split(":");
    if (kind === "errors") {
      const side = state[name];
      if (!scored(side) || !setup.reference) return null;
      const layer = errors(setup, side.layer);
      return { id, title: t("Errors: {title}", side), layer, fill: null };
    }
    const side = this.sides.find((item) => item.id === id);
    return side ? { ...side, fill: this._flat(side.layer) } : null;
  }

  /* What a slot shows: its own choice, else the first there is of what suits it. */
  of(slot) {
    if (slot === "left" || slot === "right") return this._side(slot);
    const usual = {
      third: ["gained", "true-colour", "hill-shade"],
      fourth: ["agreement", "deformation", "reference-mask"],
      one: ["right"],
    };
    const ids = [this.state[slot], ...usual[slot], "right"];
    return ids.map((id) => id && this.find(id)).find(Boolean);
  }

  /* Up to nine layers for the number keys, in the order of a talk. */
  talk() {
    const first = ["left", "right", "gained", "errors:left", "errors:right", "agreement"];
    const unsure = this.sides.filter(({ id }) => id.startsWith("uncertainty:")).slice(0, 1);
    const ids = [...first, ...unsure.map(({ id }) => id), "reference-mask", "deformation"];
    ids.push("true-colour", "false-colour", "hill-shade", "elevation", "slope");
    return ids.map((id) => this.find(id)).filter(Boolean).slice(0, 9);
  }

  /* Runs that what these slots show is made of; not those whose probability they show as it is:
     a pixel has one probability, not a rounded one and an exact one. */
  runs(slots) {
    const whole = new Set(slots.map((name) => this._run(this.of(name))));
    const ids = slots.map((name) => this.of(name).id);
    const named = ids.some((id) => ["gained", "errors:left", "errors:right"].includes(id));
    const sides = ["left", "right"].filter((side) => named || ids.includes(side));
    const all = [...ids, ...sides.map((side) => this.state[side].id)];
    if (ids.includes("agreement")) all.push(...this.sides.map(({ id }) => id));
    const asked = new Set(all.filter((id) => id.startsWith("run:") && !whole.has(id)));
    return [...asked].map((id) => id.slice(4));
  }

  /* The side whose probability is shown as it is, by its id. */
  _run({ id, layer }) {
    if (layer.kind !== "probability") return null;
    return ["left", "right"].includes(id) ? this.state[id].id : id;
  }

  _side(id) {
    const { state, setup } = this;
    const { title, layer } = state[id];
    const how = layer.kind === "probability" ? state[`${id}Style`] : "";
    if (how === "errors" && setup.reference) {
      return { id, title: t("Errors: {title}", { title }), layer: errors(setup, layer), fill: null };
    }
    return { id, title, layer, fill: how === "mask" ? setup.colours[id] : this._flat(layer) };
  }

  _flat(layer) {
    return layer.kind === "mask" ? this.setup.colours.reference : null;
  }
}
