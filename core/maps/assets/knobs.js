/* What lies on the card of the map's settings (`panel.js`), as HTML. */
import { MODES, called } from "./modes.js";
import { t } from "./words.js";

function button(name, text, title = "") {
  const about = title && ` title="${title}"`;
  return `<button type="button" data-name="${name}"${about}>${text}</button>`;
}

const choice = ([value, text]) => `<button type="button" value="${value}">${text}</button>`;

function slider(name, step, label, above = "") {
  return `<label><span>${label} <b data-name="${name}-value"></b></span>${above}
      <input type="range" data-name="${name}" min="0" max="1" step="${step}" aria-label="${label}"></label>`;
}

function levels() {
  const label = t("Pixels of both sides by probability, logarithmic");
  return `<svg data-name="levels" class="ss-levels" viewBox="0 0 200 22" preserveAspectRatio="none" hidden
        role="img" aria-label="${label}"></svg>`;
}

function modes() {
  const every = Object.entries(MODES).map(([mode, title]) => choice([mode, title()]));
  const label = t("View");
  return `<div class="ss-style" data-name="mode" role="group" aria-label="${label}">${every.join("")}</div>`;
}

function styles(side, label) {
  const every = [["probability", t("Probability")], ["mask", t("Mask")], ["errors", t("Errors")]];
  return `<div class="ss-style ss-style-${side}" data-name="${side}-style" role="group" aria-label="${label}">
      <span>${called(side)}</span>${every.map(choice).join("")}</div>`;
}

function checkbox(name, label) {
  return `<label class="ss-line"><input type="checkbox" data-name="${name}"><span>${label}</span></label>`;
}

function base() {
  const label = t("Base");
  return `<label class="ss-line"><span>${label}</span><select data-name="base" aria-label="${label}"></select></label>`;
}

/* The card's HTML; every knob is found by its `data-name`. */
export function template() {
  const title = t("Map");
  const parts = [
    slider("threshold", 0.005, t("Threshold"), levels()),
    slider("opacity", 0.05, t("Opacity")),
    modes(),
    styles("left", t("Show left as")),
    styles("right", t("Show right as")),
    base(),
    checkbox("outlines", t("Reference outlines")),
    checkbox("online", t("Online street map")),
    '<div class="ss-style">',
    button("present", t("Present"), t("Keys 1 to 9 switch layers, Esc leaves")),
    button("full", t("Full screen")),
    button("copy", t("Copy link"), t("A link that opens this very view")),
    "</div>",
  ];
  return `
  <button type="button" class="ss-fold" data-name="fold" aria-expanded="true">${title}</button>
  <div data-name="body">${parts.join("")}</div>
  <div data-name="said" role="status" class="ss-said"></div>`;
}
