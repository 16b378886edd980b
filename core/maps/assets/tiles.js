/* Tiles of our server: values are fetched once, however many layers are made of them. */
const KEPT_TILES = 320; // of 64 KiB each

const kept = new Map();

/* A promise of 65536 values, or of null outside the raster; fails where the raster is gone. */
export function tileValues(url) {
  let found = kept.get(url);
  if (found) kept.delete(url);
  else {
    found = fetched(url);
    found.catch(() => kept.delete(url));
  }
  kept.set(url, found); // the last used stands last
  if (kept.size > KEPT_TILES) kept.delete(kept.keys().next().value);
  return found;
}

/* A promise of a picture, or of null outside the raster. */
export async function tileImage(url) {
  const answer = await tile(url);
  if (!answer) return null;
  const how = { premultiplyAlpha: "none", colorSpaceConversion: "none" };
  return createImageBitmap(await answer.blob(), how);
}

async function fetched(url) {
  const answer = await tile(url);
  return answer && new Uint8Array(await answer.arrayBuffer());
}

/* The answer with a tile, null outside the raster. */
async function tile(url) {
  const answer = await fetch(url);
  if (answer.status === 204) return null;
  if (!answer.ok) throw new Error(answer.status === 404 ? "gone" : `answer ${answer.status}`);
  return answer;
}
