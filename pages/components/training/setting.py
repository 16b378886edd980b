"""One setting of a training: its widget, the paper's value greyed beside its title."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from core.request import Option

PERSIST = {"persist_state": "session"}
YES_NO = {True: "yes", False: "no"}


def show(setting: Option, preset: str | None, most: float | None = None) -> Any:
    """Draw the widget and return its value.

    With a `preset` (the preset's value in words) None is a choice: as the preset.
    """
    if setting.choices or setting.kind is bool:
        return _choice(setting, setting.choices or YES_NO, preset)
    return _number(setting, preset, most)


def label(setting: Option) -> str:
    return f"{setting.title} :gray[paper: {setting.paper}]"


def _choice(setting: Option, choices: Mapping[Any, str], preset: str | None) -> Any:
    words = {None: f"as the preset: {preset}", **choices} if preset else choices
    return st.selectbox(
        label(setting),
        list(words),
        format_func=words.get,
        key=setting.name,
        help=_help(setting),
        **PERSIST,
    )


def _number(setting: Option, preset: str | None, most: float | None) -> float | None:
    kind = setting.kind
    bounds = {"min_value": setting.least, "max_value": most if most is not None else setting.most}
    bounds = {name: kind(bound) for name, bound in bounds.items() if bound is not None}
    return st.number_input(
        label(setting),
        value=None,
        placeholder=preset,
        step=setting.step,
        format="%g" if kind is float else "%d",
        key=setting.name,
        help=_help(setting),
        **bounds,
        **PERSIST,
    )


def _help(setting: Option) -> str:
    return f"{setting.words[0].upper()}{setting.words[1:]}."
