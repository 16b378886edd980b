export function span(text) {
  const made = document.createElement("span");
  made.textContent = text;
  return made;
}
