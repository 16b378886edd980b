"""What each class of a factor says about landslides."""
