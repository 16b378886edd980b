"""How large every preset is: a table, for those who must not build the network to know.

Only the first convolution sees the input, so both counts grow by a fixed number a channel.
`python -m models.sizes` builds every network and prints the table anew; `tests/test_catalogue.py`
compares.
"""

from dataclasses import dataclass
from math import prod

TILE = 128  # pixels along a side of the tile that arithmetic is counted on


@dataclass(frozen=True)
class Size:
    """Trainable parameters and multiply-adds a tile of 128 px, had the input no channel at all,
    and what each channel adds to them."""

    fixed_parameters: int
    channel_parameters: int
    fixed_multiply_adds: int
    channel_multiply_adds: int

    def parameters(self, channels: int) -> int:
        """Trainable parameters with `channels` input channels.

        >>> Size(100, 9, 0, 0).parameters(10)
        190
        """
        return self.fixed_parameters + self.channel_parameters * channels

    def gflop(self, channels: int) -> float:
        """10^9 operations to predict one tile, two a multiply-add.

        >>> Size(0, 0, 10**9, 10**8).gflop(10)
        4.0
        """
        return 2 * (self.fixed_multiply_adds + self.channel_multiply_adds * channels) / 1e9


SIZES = {
    "fcn": {
        "paper": Size(10_365_925, 288, 1_352_721_664, 4_718_592),
        "quick": Size(1_740_165, 144, 324_562_176, 2_359_296),
        "thorough": Size(10_365_925, 288, 1_352_721_664, 4_718_592),
    },
    "unet": {
        "paper": Size(31_030_017, 576, 12_013_535_232, 9_437_184),
        "quick": Size(1_091_953, 108, 422_510_592, 1_769_472),
        "thorough": Size(7_759_233, 288, 3_003_645_952, 4_718_592),
        "32": Size(7_759_233, 288, 3_003_645_952, 4_718_592),
    },
    "unet_pretrained": {
        "paper": Size(7_567_617, 432, 815_009_536, 3_538_944),
        "quick": Size(6_134_049, 432, 476_155_648, 3_538_944),
        "thorough": Size(7_567_617, 432, 815_009_536, 3_538_944),
    },
    "fc_densenet": {
        "paper": Size(1_030_561, 432, 2_743_265_280, 7_077_888),
        "quick": Size(124_969, 108, 215_580_672, 1_769_472),
        "thorough": Size(1_030_561, 432, 2_743_265_280, 7_077_888),
        "67": Size(2_504_497, 432, 6_456_147_968, 7_077_888),
        "103": Size(6_189_713, 432, 6_529_564_672, 7_077_888),
    },
    "fcadensenet": {
        "paper": Size(1_057_991, 432, 2_745_455_872, 7_077_888),
        "quick": Size(129_054, 108, 217_725_904, 1_769_472),
        "thorough": Size(1_057_991, 432, 2_745_455_872, 7_077_888),
        "67": Size(2_566_357, 432, 6_458_406_400, 7_077_888),
        "103": Size(6_290_471, 432, 6_531_900_288, 7_077_888),
        "quick-concat": Size(131_335, 108, 217_730_224, 1_769_472),
        "quick-both": Size(135_420, 108, 219_875_456, 1_769_472),
        "quick-ratio4": Size(139_461, 108, 217_746_592, 1_769_472),
        "quick-local": Size(129_054, 108, 217_823_104, 1_769_472),
    },
}


def measured(name, preset):
    """The Size of a preset, counted on the network with one and with two channels."""
    from models import catalogue

    one, two = (_counts(catalogue.build(name, preset, channels)) for channels in (1, 2))
    return Size(2 * one[0] - two[0], two[0] - one[0], 2 * one[1] - two[1], two[1] - one[1])


def _counts(network):
    from models import catalogue

    return sum(prod(w.shape) for w in network.trainable_weights), catalogue.multiply_adds(network)


def table():
    """The source text of SIZES, counted anew."""
    from models import catalogue

    lines = []
    for name, model in catalogue.MODELS.items():
        lines.append(f'    "{name}": {{')
        for preset in model.presets:
            size = measured(name, preset)
            numbers = [size.fixed_parameters, size.channel_parameters]
            numbers += [size.fixed_multiply_adds, size.channel_multiply_adds]
            lines.append(f'        "{preset}": Size({", ".join(f"{n:_}" for n in numbers)}),')
        lines.append("    },")
    return "\n".join(["SIZES = {", *lines, "}"])


if __name__ == "__main__":
    print(table())
