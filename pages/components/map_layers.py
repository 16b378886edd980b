"""Map layers that are missing: said in a sentence, prepared again with a progress bar."""

import streamlit as st

from core.maps import display
from core.scene.store import Scene


def there(scene: Scene) -> bool:
    """Whether the scene's display rasters are there; if not, offer to prepare them."""
    if (scene.path / "display" / "layers.json").exists():
        return True
    st.warning(
        f"The map layers of scene '{scene.name}' are missing: they can be prepared again from its "
        "factors, which takes about a minute for a scene of 2 000 x 2 000 pixels."
    )
    if st.button("Prepare the map layers", type="primary"):
        bar = st.progress(0.0, "preparing map layers")
        display.prepare_scene(scene, lambda stage, share=None, **_: bar.progress(share or 0, stage))
        st.rerun()
    return False
