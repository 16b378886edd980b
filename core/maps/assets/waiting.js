/* Tells the page when the map has its first tiles: until then words lie in its place
   (`pages/assets/compare.css`). */

export class Waiting {
  /* The slots that are shown first: with the tiles of all of them it is over. */
  watch(slots) {
    if (this.waited) return;
    this.waited = new Set(slots.filter(({ current }) => current && current.isLoading()));
    for (const slot of this.waited) {
      const ended = () => {
        this.waited.delete(slot);
        this._end();
      };
      // A layer that is changed or put on another map before it has its tiles never gets them.
      slot.current.once("load", ended).once("remove", ended);
    }
    this._end();
  }

  _end() {
    // No frame where it lies in somebody else's page: there nobody waits.
    if (!this.waited.size && window.frameElement) window.frameElement.dataset.drawn = "";
  }
}
