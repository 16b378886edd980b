/* A scale bar for grids without reference system, in pixels. */
export const PixelScale = L.Control.Scale.extend({
  _updateMetric(width) {
    const pixels = this._getRoundNum(width);
    this._updateScale(this._mScale, `${pixels} px`, pixels / width);
  },
});
