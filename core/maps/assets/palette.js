/* Colours, [r, g, b] each, from what the server packs (`core.maps.colours.packed`). */
export function unpack(packed) {
  const colours = [];
  for (let i = 0; i < packed.length; i += 6) {
    colours.push([0, 2, 4].map((k) => parseInt(packed.slice(i + k, i + k + 2), 16)));
  }
  return colours;
}

export const rgb = (hex) => unpack(hex.slice(1))[0];

/* The colour tables of a setup, 256 colours each, unpacked once. */
export class Palette {
  constructor(packed) {
    Object.assign(this, { packed, unpacked: {} });
  }

  /* A table by its name; grey where there is none of that name. */
  colours(name) {
    const packed = this.packed[name] || this.packed.grey;
    return (this.unpacked[name] = this.unpacked[name] || unpack(packed));
  }
}
