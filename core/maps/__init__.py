"""Display rasters, tile routes and the folium map."""
