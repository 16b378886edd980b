/* The page's theme, light or dark, as the map wears it. */

/* Light or dark by how bright a colour's channels are, 0..255 each. */
export const themeOf = ([r, g, b]) => (0.299 * r + 0.587 * g + 0.114 * b < 128 ? "dark" : "light");

const channels = (css) => (css.match(/[\d.]+/g) || []).slice(0, 3).map(Number);

/* Of the page around the frame; light where the frame lies in somebody else's page. */
function around() {
  try {
    const app = window.parent.document.querySelector('[data-testid="stApp"]');
    return themeOf(channels(window.parent.getComputedStyle(app).backgroundColor));
  } catch {
    return "light";
  }
}

/* Wear the page's theme now, and again whenever the page draws itself anew. */
export function wear() {
  const put = () => (document.documentElement.dataset.theme = around());
  put();
  // The page posts to the frame before it has painted its own new colours.
  window.addEventListener("message", () => requestAnimationFrame(put));
}
