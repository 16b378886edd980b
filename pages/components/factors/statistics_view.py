"""What each factor is by itself."""

import streamlit as st

from core.analysis import tables
from core.factors import factor
from core.language.translation import tr
from pages.components import number_table
from pages.components.factors import table_head
from pages.components.factors.factor_audit import Audit


def show(audit: Audit) -> None:
    rows = audit.shown["factors"]
    table_head.show("Summary statistics", tables.summary_csv(audit.shown), audit.file("summary"))
    columns: dict[str, number_table.Column] = {
        "Factor": ([factor(row["factor"]).title for row in rows], None),
        "Unit": ([audit.scene.factor(row["factor"]).unit for row in rows], None),
        "n": ([row["n"] for row in rows], ".0f"),
        "No data": ([row["no_data_share"] for row in rows], "percent"),
        "Mean": ([row["mean"] for row in rows], ".5g"),
        "SD": ([row["sd"] for row in rows], ".5g"),
    }
    for share in rows[0]["quantiles"]:
        title = "Median" if share == "0.5" else f"{100 * float(share):g} %"
        columns[title] = ([row["quantiles"][share] for row in rows], ".5g")
    columns["Quantiles ±"] = ([row["quantile_error"] for row in rows], ".2g")
    number_table.show(columns, key="statistics")
    st.caption(
        tr(
            "n, no data and quantiles are of the pixels where the factor itself has data, mean and "
            "sd (n − 1) of those with data in all factors. Quantiles come from a histogram of "
            "4 096 bins: off by at most the figure in the last column. Class codes are plain "
            "numbers here."
        )
    )
