"""How much a random forest uses each factor, held out and against controls."""
