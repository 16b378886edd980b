/* Values of tiles: fetched once, however many layers are made of them. */
SlideScope.KEPT_TILES = 320; // of 64 KiB each

SlideScope.tileValues = (function () {
  const kept = new Map();

  async function fetched(url) {
    const answer = await SlideScope.tile(url);
    return answer && new Uint8Array(await answer.arrayBuffer());
  }

  /* A promise of 65536 values, or of null outside the raster; fails where the raster is gone. */
  return function (url) {
    let found = kept.get(url);
    if (found) kept.delete(url);
    else {
      found = fetched(url);
      found.catch(() => kept.delete(url));
    }
    kept.set(url, found); // the last used stands last
    if (kept.size > SlideScope.KEPT_TILES) kept.delete(kept.keys().next().value);
    return found;
  };
})();

/* The answer with a tile, null outside the raster. */
SlideScope.tile = async function (url) {
  const answer = await fetch(url);
  if (answer.status === 204) return null;
  if (!answer.ok) throw new Error(answer.status === 404 ? "gone" : `answer ${answer.status}`);
  return answer;
};

SlideScope.tileImage = async function (url) {
  const answer = await SlideScope.tile(url);
  if (!answer) return null;
  const how = { premultiplyAlpha: "none", colorSpaceConversion: "none" };
  return createImageBitmap(await answer.blob(), how);
};

/* Layers made of others at the live threshold; what their values mean stands in `setup.rules`
   (`core.maps.combined`). A layer's `parts` are {url, kind}: a probability counts where it reaches
   the threshold, a mask where it is landslide. */
SlideScope.errors = function (setup, layer) {
  const parts = [layer, setup.reference].map(({ url, kind }) => ({ url, kind }));
  return SlideScope.made("errors", setup.rules.errors, parts);
};

SlideScope.gained = function (setup, left, right) {
  const known = setup.reference !== null;
  const parts = [left, right, ...(known ? [setup.reference] : [])];
  const rule = known ? setup.rules.gained : setup.rules.difference;
  return SlideScope.made("gained", rule, parts.map(({ url, kind }) => ({ url, kind })));
};

SlideScope.made = function (id, rule, parts) {
  const url = [id, ...parts.map((part) => part.url)].join(" ");
  return { ...rule, id, kind: "change", unit: "", parts, url };
};

SlideScope.NO_SUM = 4096; // beyond any sum of parts

/* Write the combined display values of one tile into `into`, from the values of its parts. */
SlideScope.combine = (function () {
  const sums = new Uint16Array(65536);

  function steps(kind, weight, first) {
    const table = new Uint16Array(256);
    table[0] = SlideScope.NO_SUM;
    for (let v = 1; v < 256; v++) {
      if (kind === "mask" ? v === 2 : v > first) table[v] = weight;
    }
    return table;
  }

  return function (layer, parts, threshold, into) {
    const first = SlideScope.firstBin(threshold);
    const counted = layer.rule === "count";
    sums.fill(0);
    parts.forEach((values, i) => {
      const step = steps(layer.parts[i].kind, counted ? 1 : 1 << i, first);
      for (let k = 0; k < 65536; k++) sums[k] += step[values[k]];
    });
    const { values } = layer;
    for (let k = 0; k < 65536; k++) {
      const sum = sums[k];
      into[k] = sum >= SlideScope.NO_SUM ? 0 : counted ? sum + 1 : values[sum];
    }
  };
})();
