"""The same networks in PyTorch, written the usual way: what our speed is measured against.

`twin(name, preset, channels)` builds one, `copy_weights(network, module)` fills it with a Keras
network's weights. Modules take (batch, channels, height, width) and return logits.
"""

import re

import numpy as np
import torch
from torch import nn

from models import catalogue

EPSILON = 1e-3  # Keras's default in batch normalisation; PyTorch's is 1e-5


class Unit(nn.Sequential):
    """Batch norm, ReLU, convolution, dropout."""

    def __init__(self, channels, filters, kernel, dropout, momentum):
        super().__init__(
            nn.BatchNorm2d(channels, eps=EPSILON, momentum=1 - momentum),
            nn.ReLU(inplace=True),
            nn.Conv2d(channels, filters, kernel, padding=kernel // 2),
            nn.Dropout(dropout),
        )


class DenseBlock(nn.Module):
    """`depth` dense layers; returns all maps and the new ones alone."""

    def __init__(self, channels, depth, growth, bottleneck, **unit):
        super().__init__()
        self.layers = nn.ModuleList()
        for number in range(depth):
            inputs = channels + number * growth
            squeeze = [Unit(inputs, bottleneck * growth, 1, **unit)] if bottleneck else []
            inputs = bottleneck * growth or inputs
            self.layers.append(nn.Sequential(*squeeze, Unit(inputs, growth, 3, **unit)))

    def forward(self, x):
        new = []
        for layer in self.layers:
            new.append(layer(x))
            x = torch.cat([x, new[-1]], 1)
        return x, torch.cat(new, 1)


class Attention(nn.Module):
    """CBAM: channel gate, then spatial gate."""

    def __init__(self, channels, reduction):
        super().__init__()
        hidden = max(1, channels // reduction)
        self.mlp1, self.mlp2 = nn.Linear(channels, hidden), nn.Linear(hidden, channels)
        self.space = nn.Conv2d(2, 1, 7, padding=3, bias=False)

    def forward(self, x):
        pools = torch.stack([x.mean((2, 3)), x.amax((2, 3))])
        gate = torch.sigmoid(self.mlp2(torch.relu(self.mlp1(pools))).sum(0))
        x = x * gate[:, :, None, None]
        pools = torch.cat([x.amax(1, keepdim=True), x.mean(1, keepdim=True)], 1)
        return x * torch.sigmoid(self.space(pools))


class Down(nn.Module):
    """A dense block, then half the resolution; returns that and the block's maps (the skip)."""

    def __init__(self, channels, depth, growth, bottleneck, **unit):
        super().__init__()
        width = channels + depth * growth
        self.block = DenseBlock(channels, depth, growth, bottleneck, **unit)
        self.transition = nn.Sequential(Unit(width, width, 1, **unit), nn.MaxPool2d(2))

    def forward(self, x):
        skip, _ = self.block(x)
        return self.transition(skip), skip


class Up(nn.Module):
    """Double the resolution, concatenate the skip (after its attention), a dense block."""

    def __init__(self, channels, skip, reduction, depth, **dense):
        super().__init__()
        convolution = nn.Conv2d(channels, channels, 3, padding=1)
        self.raising = nn.Sequential(nn.Upsample(scale_factor=2), convolution)
        self.attention = Attention(skip, reduction) if reduction else nn.Identity()
        self.block = DenseBlock(channels + skip, depth, **dense)

    def forward(self, new, skip):
        return self.block(torch.cat([self.raising(new), self.attention(skip)], 1))


class FCDenseNet(nn.Module):
    """FC-DenseNet; with attention on the skips FCADenseNet."""

    def __init__(
        self,
        channels,
        *,
        filters=48,
        growth=12,
        depths=(4,) * 11,
        bottleneck=4,
        dropout=0.2,
        momentum=0.99,
        cbam_at=None,
        reduction=16,
    ):
        super().__init__()
        dense = {"growth": growth, "bottleneck": bottleneck}
        dense |= {"dropout": dropout, "momentum": momentum}
        pools = len(depths) // 2
        self.first = nn.Conv2d(channels, filters, 3, padding=1)
        self.down, width, skips = nn.ModuleList(), filters, []
        for depth in depths[:pools]:
            self.down.append(Down(width, depth, **dense))
            width += depth * growth
            skips.append(width)
        self.bottom = DenseBlock(width, depths[pools], **dense)
        self.up, new = nn.ModuleList(), depths[pools] * growth
        for depth in depths[pools + 1 :]:
            skip = skips.pop()
            self.up.append(Up(new, skip, reduction if cbam_at else 0, depth, **dense))
            width, new = new + skip + depth * growth, depth * growth
        self.score = nn.Conv2d(width, 1, 1)

    def forward(self, x):
        x, skips = self.first(x), []
        for part in self.down:
            x, skip = part(x)
            skips.append(skip)
        x, new = self.bottom(x)
        for part in self.up:
            x, new = part(new, skips.pop())
        return self.score(x)


class DoubleConv(nn.Sequential):
    """Two 3x3 convolutions, each with ReLU."""

    def __init__(self, channels, filters):
        first = nn.Conv2d(channels, filters, 3, padding=1)
        second = nn.Conv2d(filters, filters, 3, padding=1)
        super().__init__(first, nn.ReLU(inplace=True), second, nn.ReLU(inplace=True))


class UpConv(nn.Module):
    """Double the resolution by a transposed convolution, concatenate the skip, two convolutions."""

    def __init__(self, filters):
        super().__init__()
        self.raising = nn.ConvTranspose2d(2 * filters, filters, 2, stride=2)
        self.convolutions = DoubleConv(2 * filters, filters)

    def forward(self, x, skip):
        return self.convolutions(torch.cat([skip, self.raising(x)], 1))


class UNet(nn.Module):
    """U-Net without batch norm."""

    def __init__(self, channels, *, filters=64, pools=4, dropout=0.2):
        super().__init__()
        widths = [filters * 2**level for level in range(pools + 1)]
        self.down = nn.ModuleList(map(DoubleConv, [channels, *widths], widths))
        self.dropout = nn.Dropout(dropout)
        self.up = nn.ModuleList(map(UpConv, reversed(widths[:-1])))
        self.score = nn.Conv2d(filters, 1, 1)

    def forward(self, x):
        skips = []
        for part in self.down[:-1]:
            skips.append(part(x))
            x = nn.functional.max_pool2d(skips[-1], 2)
        x = self.dropout(self.down[-1](x))
        for part in self.up:
            x = part(x, skips.pop())
        return self.score(x)


def twin(name, preset, channels, **overrides):
    """The PyTorch network of a preset of `fcadensenet`, `fc_densenet` or `unet`, channels last."""
    kind = UNet if name == "unet" else FCDenseNet
    arguments = {**catalogue.MODELS[name].presets[preset], **overrides}
    return kind(channels, **arguments).to(memory_format=torch.channels_last)


def copy_weights(network, module):
    """Fill `module` (in place; returned) with the weights of its Keras twin.

    Both create their layers in the order of the calls, which the numbers in Keras's names
    follow; the layers of an attention are named after its skip. Raises ValueError unless every
    layer of one has its counterpart in the other.
    """
    layers = {layer.name: layer for layer in network.layers if layer.get_weights()}
    attentions = [m for m in module.modules() if isinstance(m, Attention)]
    gates = {part for attention in attentions for part in attention.modules()}
    for level, attention in zip(range(len(attentions), 0, -1), attentions):
        fill(attention.mlp1, layers.pop(f"skip{level}_channel_mlp1"))
        fill(attention.mlp2, layers.pop(f"skip{level}_channel_mlp2"))
        fill(attention.space, layers.pop(f"skip{level}_space"))
    for kind, title in LAYERS.items():
        parts = [m for m in module.modules() if isinstance(m, kind) and m not in gates]
        names = [n for n, layer in layers.items() if type(layer).__name__ == title]
        for part, name in zip(parts, sorted(names, key=number), strict=True):
            fill(part, layers.pop(name))
    if layers:
        raise ValueError(f"Keras layers without a counterpart in PyTorch: {', '.join(layers)}.")
    return module


LAYERS = {
    nn.Conv2d: "Conv2D",
    nn.ConvTranspose2d: "Conv2DTranspose",
    nn.BatchNorm2d: "BatchNormalization",
}


def number(name):
    """Keras's running number in a layer's name.

    >>> number("conv2d_12"), number("conv2d")
    (12, 0)
    """
    found = re.search(r"_(\d+)$", name)
    return int(found[1]) if found else 0


@torch.no_grad()
def fill(part, layer):
    """Copy one layer's weights; Keras's kernels are (height, width, in, out), (in, out) if flat,
    those of a transposed convolution (height, width, out, in)."""
    weights = [torch.from_numpy(w.copy()) for w in layer.get_weights()]
    if isinstance(part, nn.BatchNorm2d):
        targets = [part.weight, part.bias, part.running_mean, part.running_var]
    else:
        targets = [part.weight] if part.bias is None else [part.weight, part.bias]
        weights[0] = weights[0].permute(*reversed(range(weights[0].ndim)))
        if weights[0].ndim == 4:
            weights[0] = weights[0].transpose(2, 3)
    for target, weight in zip(targets, weights, strict=True):
        if target.shape != weight.shape:
            raise ValueError(f"{layer.name}: {tuple(weight.shape)} into {tuple(target.shape)}.")
        target.copy_(weight)


@torch.no_grad()
def predict(module, x):
    """Probabilities (batch, height, width, 1) of x (batch, height, width, channels), NumPy."""
    module.eval()
    return to_keras(torch.sigmoid(module(to_torch(x))))


def to_torch(x):
    """NumPy (batch, height, width, channels) to a tensor of PyTorch's order, channels last."""
    return torch.from_numpy(np.ascontiguousarray(x)).permute(0, 3, 1, 2)


def to_keras(x):
    """The way back."""
    return x.permute(0, 2, 3, 1).float().numpy()
