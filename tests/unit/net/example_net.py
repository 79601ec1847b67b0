"""The network of PyTorch's fast_neural_style example, written down from its description: what an imported one is compared with."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class _Conv(nn.Module):
    def __init__(self, inside: int, outside: int, kernel: int, stride: int = 1, upsample: int = 1) -> None:
        super().__init__()
        self.conv2d = nn.Conv2d(inside, outside, kernel, stride)
        self.upsample = upsample

    def forward(self, x: Tensor) -> Tensor:
        if self.upsample > 1:
            x = F.interpolate(x, mode="nearest", scale_factor=self.upsample)
        border = self.conv2d.kernel_size[0] // 2
        return self.conv2d(F.pad(x, [border] * 4, mode="reflect"))


class _Residual(nn.Module):
    def __init__(self, channels: int) -> None:
        super().__init__()
        self.conv1, self.conv2 = _Conv(channels, channels, 3), _Conv(channels, channels, 3)
        self.in1, self.in2 = nn.InstanceNorm2d(channels, affine=True), nn.InstanceNorm2d(channels, affine=True)

    def forward(self, x: Tensor) -> Tensor:
        return x + self.in2(self.conv2(F.relu(self.in1(self.conv1(x)))))


class ExampleNet(nn.Module):
    """Takes and gives RGB from 0 to 255 (B, 3, H, W); not cut off at the ends."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1, self.conv2, self.conv3 = _Conv(3, 32, 9), _Conv(32, 64, 3, 2), _Conv(64, 128, 3, 2)
        for i, channels in enumerate((32, 64, 128, 64, 32), 1):
            self.add_module(f"in{i}", nn.InstanceNorm2d(channels, affine=True))
        for i in range(1, 6):
            self.add_module(f"res{i}", _Residual(128))
        self.deconv1, self.deconv2, self.deconv3 = _Conv(128, 64, 3, 1, 2), _Conv(64, 32, 3, 1, 2), _Conv(32, 3, 9)

    def forward(self, x: Tensor) -> Tensor:
        """Repaint `x`."""
        for i in range(1, 4):
            x = F.relu(getattr(self, f"in{i}")(getattr(self, f"conv{i}")(x)))
        for i in range(1, 6):
            x = getattr(self, f"res{i}")(x)
        for i in range(1, 3):
            x = F.relu(getattr(self, f"in{i + 3}")(getattr(self, f"deconv{i}")(x)))
        return self.deconv3(x)


def random_net(seed: int = 0) -> ExampleNet:
    """Return one with random weights and biases everywhere, whose images lie mostly between black and white."""
    torch.manual_seed(seed)
    net = ExampleNet()
    with torch.no_grad():
        for name, parameter in net.named_parameters():
            if ".conv2d.bias" in name or ".in" in f".{name}":
                parameter.add_(0.3 * torch.randn_like(parameter))
        net.deconv3.conv2d.weight.mul_(60)
        net.deconv3.conv2d.bias.add_(torch.tensor([110.0, 128.0, 150.0]))
    return net.eval()
