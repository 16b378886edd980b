"""The one file that looks inside Keras: what its public names do not offer.

Tried with Keras 3.5 to 3.15; `tests/test_inside.py` says which version broke it.
"""


def flat_layers(network):
    """All layers of a network, those inside others and the network itself included, in the order
    they were made in. `network.layers` has the outermost alone."""
    return tuple(network._flatten_layers())


def calls_of(layer):
    """The calls of a layer, each with `input_tensors` and `output_tensors`; a layer that two
    networks share has one of each."""
    return tuple(layer._inbound_nodes)
