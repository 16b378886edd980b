"""What the charts of the analysis share."""

# Of Plotly's buttons the one that saves the picture; nothing is fetched from the network.
DOWNLOAD = {"displaylogo": False, "modeBarButtons": [["toImage"]]}
