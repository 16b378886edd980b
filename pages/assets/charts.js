/* A second button in the bar of every chart: SVG beside PNG. Both are Plotly's own picture, made in
   the browser; its button saves the kind that the chart's settings name when it is pressed. */
if (!window.slidescopeCharts) {
  window.slidescopeCharts = true;
  const KIND = "toImageButtonOptions";
  const saveSvg = (button) => {
    const chart = button.closest(".js-plotly-plot");
    const settings = chart?._context;
    if (!settings) return;
    const before = settings[KIND];
    settings[KIND] = { ...before, format: "svg", scale: 1 };
    button.click();
    settings[KIND] = before;
  };
  const beside = (button) => {
    const added = document.createElement("a");
    added.className = `${button.className} slidescope-svg`;
    added.setAttribute("role", "button");
    added.setAttribute("aria-label", "Download chart as an SVG");
    added.setAttribute("data-title", "Download chart as an SVG");
    added.tabIndex = 0;
    added.textContent = "SVG";
    const press = (event) => {
      event.stopPropagation();
      saveSvg(button);
    };
    added.addEventListener("click", press);
    added.addEventListener("keydown", (event) => {
      if (event.key === "Enter" || event.key === " ") press(event);
    });
    button.after(added);
  };
  const look = () => {
    for (const button of document.querySelectorAll(".modebar-btn[data-title*='png' i]")) {
      if (!button.nextElementSibling?.classList.contains("slidescope-svg")) beside(button);
    }
  };
  let waiting = false;
  new MutationObserver(() => {
    if (waiting) return;
    waiting = true;
    requestAnimationFrame(() => {
      waiting = false;
      look();
    });
  }).observe(document.body, { childList: true, subtree: true });
  look();
}
