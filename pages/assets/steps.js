/* One step of "Back" for each that somebody took: where a page completes its own address, without
   anybody having pressed anything since the last step, that takes the place of the address before.
   Presses in the map's frame are not heard here: what the map moves is no step either. */
if (!window.slidescopeSteps) {
  window.slidescopeSteps = true;
  let pressed = true;
  const push = history.pushState.bind(history);
  history.pushState = (state, title, address) => {
    const samePage = new URL(address, location.href).pathname === location.pathname;
    if (samePage && !pressed) return history.replaceState(state, title, address);
    pressed = false;
    return push(state, title, address);
  };
  for (const kind of ["pointerdown", "keydown"]) {
    window.addEventListener(kind, () => { pressed = true; }, true);
  }
  window.addEventListener("popstate", () => { pressed = false; }, true);
}
