/* The comparison's view as the address holds it; `core.maps.bookmark` reads it. */

/* {name: text, or null where it is the usual}. `state` is the comparison's, `mode` the one without
   the presenter, `usualBase` the scene's own, `share` the swipe's, `place` {lat, lng, zoom} or null
   where nobody moved the map. */
export function parameters({ state, mode, usualBase, share, place }) {
  const usual = (value, common) => (value === common ? null : String(value));
  return {
    threshold: String(state.threshold),
    mode: usual(mode, "swipe"),
    third: usual(state.third, ""),
    fourth: usual(state.fourth, ""),
    one: usual(state.one, ""),
    as_left: usual(state.leftStyle, "probability"),
    as_right: usual(state.rightStyle, "probability"),
    opacity: usual(state.opacity, 0.85),
    base: usual(state.base || "none", usualBase),
    outlines: usual(state.outlines ? 1 : 0, 1),
    swipe: usual(Number(share.toFixed(3)), 0.5),
    at: place && [place.lat.toFixed(5), place.lng.toFixed(5), Number(place.zoom.toFixed(2))].join(),
  };
}

/* An address that holds the view, and whatever else it held. */
export function written(address, values) {
  const url = new URL(address);
  for (const name in values) {
    if (values[name] === null) url.searchParams.delete(name);
    else url.searchParams.set(name, values[name]);
  }
  return url.href;
}
