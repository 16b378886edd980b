"""Map layers that are missing: said in a sentence, prepared again with a progress bar."""

import streamlit as st

from core.display import display
from core.errors import SlideScopeError
from core.language.translation import tr
from core.maps import damage, layers
from core.scene.store import Scene
from pages.components import allowed, plain

_HOPELESS = "layers_beyond_repair"


def there(scene: Scene) -> bool:
    """Whether the scene's display rasters are there; if not, offer to prepare them."""
    if layers.are_whole(scene):
        return True
    st.warning(
        tr(
            f"The map layers of scene '{scene.name}' are missing or damaged: they can be "
            "prepared again from its factors, which takes about a minute for a scene of 2 000 x "
            "2 000 pixels."
        )
    )
    if allowed.button(tr("Prepare the map layers"), type="primary"):
        bar = st.progress(0.0, tr("preparing map layers"))
        display.prepare_scene(
            scene, lambda stage, share=None, **_: bar.progress(share or 0, tr(stage))
        )
        st.rerun()
    return False


def repair(scene: Scene) -> None:
    """Make missing or damaged maps of runs again, with a progress bar; say which cannot be."""
    hopeless = st.session_state.setdefault(_HOPELESS, {})
    found = damage.of_scene(scene)
    new = [each for each in found if each.key not in hopeless]
    if new:
        bar = st.progress(0.0, tr("preparing maps"))
        for number, each in enumerate(new):
            bar.progress(number / len(new), tr(f"preparing the map of {each.run.title} again"))
            try:
                damage.repair(each, scene)
            except SlideScopeError as error:
                hopeless[each.key] = str(error)
        bar.empty()
    for each in found:
        if each.key in hopeless:
            st.warning(plain.sentence(hopeless[each.key]))
