/* What people read, in their language. A message is the English text, {fields} in it: `make
   catalogues` finds each that `t` is called with, plain and in double quotes, and the server sends
   what it is in the reader's language (`core.maps.comparison`). */
let known = {};

/* Speak with `words`, {message: the same in another language}; without them English. */
export function speak(words) {
  known = words || {};
}

/* `message` in the reader's language; fields that `values` does not name stay as they are. */
export function t(message, values = {}) {
  const text = known[message] || message;
  return text.replace(/\{(\w+)\}/g, (field, name) => (name in values ? values[name] : field));
}
