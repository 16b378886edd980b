"""What is open on a page stands in its address and follows it."""

import pytest
from streamlit.testing.v1 import AppTest

from pages.components import address
from tests.page import visit


def page() -> None:
    """A page with a view that is kept when one comes back, and a drawer that is not."""
    import streamlit as st

    from pages.components import address

    for name, first, stays in (("view", "At a glance", True), ("drawer", None, False)):
        offered = ("At a glance", "By class")
        address.follow(name, name, offered, first, stays)
        args = (name, name)
        st.segmented_control("?", offered, key=name, on_change=address.noted, args=args)


def opened(**query: str) -> AppTest:
    app = AppTest.from_function(page)
    app.query_params.update(query)
    return app.run()


def shown(app: AppTest) -> tuple:
    assert not app.exception, app.exception
    return tuple(app.session_state[name] for name in ("view", "drawer"))


def test_at_first_the_address_says_what_is_open_anyway():
    app = opened()
    assert shown(app) == ("At a glance", None)
    assert app.query_params["view"] == "at-a-glance" and "drawer" not in app.query_params


def test_an_address_opens_what_it_names():
    assert shown(opened(view="by-class", drawer="at-a-glance")) == ("By class", "At a glance")
    assert shown(opened(view="By class", drawer="gone")) == ("By class", None)


def test_a_choice_goes_into_the_address_and_out_of_it():
    app = opened()
    for name in ("view", "drawer"):
        app.button_group(key=name).set_value("By class").run()
        assert app.query_params[name] == "by-class"
    assert shown(app) == ("By class", "By class")
    app.button_group(key="drawer").set_value(None).run()
    assert shown(app) == ("By class", None) and "drawer" not in app.query_params


def test_back_is_an_address_that_names_what_was_open_before():
    app = opened()
    app.button_group(key="view").set_value("By class").run()
    app.query_params["view"] = "at-a-glance"
    assert shown(app.run()) == ("At a glance", None)


def test_who_comes_back_by_the_navigation_finds_the_view_that_was_left():
    app = opened(view="by-class", drawer="by-class")
    app.query_params.clear()
    assert shown(app.run()) == ("By class", None)
    assert app.query_params["view"] == "by-class"


# Page, name in the address, the widget, what is opened.
PLACES = [
    ("scene", "view", "scene_view", "Import"),
    ("results", "tab", "results_tab", "Experiment"),
    ("compare", "drawer", "drawer_tab", "Objects"),
]


@pytest.mark.parametrize("name, said, key, label", PLACES)
def test_pages_open_what_their_address_names(tiny_runs, name, said, key, label):
    app = visit(name, **{said: address.word(label)})
    assert app.session_state[key] == label and app.query_params[said] == address.word(label)
