/* One step of "Back" for each that somebody took: where a page completes its own address, without
   anybody having pressed anything since the last step, that takes the place of the address before.
   A page that was asked for may complete its address before the browser has its name: the name then
   takes the place of that address, which is neither page's.
   Presses in the map's frame are not heard here: what the map moves is no step either. */
if (!window.slidescopeSteps) {
  window.slidescopeSteps = true;
  let pressed = true;
  let completed = false; // the last press led to another address of the same page
  const push = history.pushState.bind(history);
  history.pushState = (state, title, address) => {
    const samePage = new URL(address, location.href).pathname === location.pathname;
    const sameStep = !pressed && (samePage || completed);
    completed = samePage && (pressed || completed);
    pressed = false;
    return sameStep ? history.replaceState(state, title, address) : push(state, title, address);
  };
  for (const kind of ["pointerdown", "keydown"]) {
    window.addEventListener(kind, () => { pressed = true; completed = false; }, true);
  }
  window.addEventListener("popstate", () => { pressed = completed = false; }, true);
}
