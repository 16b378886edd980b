"""From a stack of interferograms to a deformation rate (SBAS: Berardino et al. 2002)."""
