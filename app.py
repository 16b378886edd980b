"""One file, two roles: started by Python or `streamlit run` it builds the server with our own
routes on Streamlit's port; run by the server, once a rerun, it lists the pages."""

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

if get_script_run_ctx(suppress_warning=True) is None:
    from streamlit.runtime.pages_manager import PagesManager

    from core import logs
    from core.maps.routes import routes
    from pages.components import door, problem

    # A folder called pages/ is no old-style app: without this, a deep link to a fresh server
    # would run the page's file alone.
    if hasattr(PagesManager, "uses_pages_directory"):
        PagesManager.uses_pages_directory = False
    logs.begin("server")
    logs.log.info("the server starts")
    base = st.get_option("server.baseUrlPath") or ""
    app = st.App(
        __file__,
        routes=routes(base),
        middleware=[door.gate(base)],
        on_script_error=problem.said,
    )
    if __name__ == "__main__":
        app.run()
else:
    from core.language import reader
    from core.language.translation import tr
    from pages.components import frame, language

    reader.found_by(language.current)
    frame.show(
        st.Page("pages/overview.py", title=tr("Overview"), url_path="start", default=True),
        # The default page lives at /; its own name works too.
        st.Page(frame.home, title=tr("Overview"), url_path="overview", visibility="hidden"),
        st.Page("pages/scene.py", title=tr("Scene"), url_path="scene-setup"),
        st.Page("pages/factors.py", title=tr("Factors"), url_path="relevance"),
        st.Page("pages/training.py", title=tr("Training"), url_path="learn"),
        st.Page("pages/compare.py", title=tr("Compare"), url_path="map-compare"),
        st.Page("pages/results.py", title=tr("Results"), url_path="results-table"),
    )
