"""The measured networks in PyTorch; parameters are named as on our side."""

import torch
from monai.networks.nets import DynUNet
from torch import nn
from torch.nn import functional


class PlainUNet(nn.Module):
    """Plain blocks, two a level; strided convolutions down, transposed ones up, no biases."""

    def __init__(self, axes, channels):
        super().__init__()
        convolution = {2: nn.Conv2d, 3: nn.Conv3d}[axes]
        transposed = {2: nn.ConvTranspose2d, 3: nn.ConvTranspose3d}[axes]
        norm = {2: nn.InstanceNorm2d, 3: nn.InstanceNorm3d}[axes]

        def block(inputs, outputs):
            layers = []
            for count in (inputs, outputs):
                layers += [convolution(count, outputs, 3, padding=1, bias=False), norm(outputs), nn.ReLU(inplace=True)]
            return nn.Sequential(*layers)

        pairs = list(zip(channels, channels[1:]))
        self.enc = nn.ModuleList([block(1, channels[0])] + [block(c, c) for c in channels[1:]])
        self.down = nn.ModuleList([convolution(fine, coarse, 3, stride=2, padding=1, bias=False) for fine, coarse in pairs])
        self.up = nn.ModuleList([transposed(coarse, fine, 2, stride=2, bias=False) for fine, coarse in pairs])
        self.dec = nn.ModuleList([block(2 * c, c) for c in channels[:-1]])
        self.out = convolution(channels[0], 1, 1, bias=False)

    def forward(self, x):
        skips = []
        for i, enc in enumerate(self.enc):
            x = enc(self.down[i - 1](x) if i else x)
            skips.append(x)
        for i in reversed(range(len(self.dec))):
            x = self.dec[i](torch.cat([skips[i], self.up[i](x)], 1))
        return self.out(x)


class PatchEmbedding(nn.Module):
    def __init__(self, width, patches, patch):
        super().__init__()
        self.patch_embeddings = nn.Conv2d(3, width, patch, stride=patch)
        self.position_embeddings = nn.Parameter(torch.zeros(1, patches, width))

    def forward(self, x):
        return self.patch_embeddings(x).flatten(2).transpose(1, 2) + self.position_embeddings


class SelfAttention(nn.Module):
    """PyTorch's own fused attention, the fastest it has."""

    def __init__(self, width, heads):
        super().__init__()
        self.heads = heads
        self.qkv = nn.Linear(width, 3 * width)
        self.out_proj = nn.Linear(width, width)

    def forward(self, x):
        batch, count, width = x.shape
        q, k, v = self.qkv(x).view(batch, count, 3, self.heads, width // self.heads).permute(2, 0, 3, 1, 4)
        y = functional.scaled_dot_product_attention(q, k, v)
        return self.out_proj(y.transpose(1, 2).reshape(batch, count, width))


class Perceptron(nn.Module):
    def __init__(self, width, inner):
        super().__init__()
        self.linear1 = nn.Linear(width, inner)
        self.linear2 = nn.Linear(inner, width)

    def forward(self, x):
        return self.linear2(functional.gelu(self.linear1(x)))


class Block(nn.Module):
    def __init__(self, width, inner, heads):
        super().__init__()
        self.norm1 = nn.LayerNorm(width)
        self.attn = SelfAttention(width, heads)
        self.norm2 = nn.LayerNorm(width)
        self.mlp = Perceptron(width, inner)

    def forward(self, x):
        x = x + self.attn(self.norm1(x))
        return x + self.mlp(self.norm2(x))


class VisionTransformer(nn.Module):
    """ViT with a class token, which has no position of its own (as in MONAI)."""

    def __init__(self, width=192, inner=768, layers=12, heads=3, classes=1000, size=224, patch=16):
        super().__init__()
        self.patch_embedding = PatchEmbedding(width, (size // patch) ** 2, patch)
        self.cls_token = nn.Parameter(torch.zeros(1, 1, width))
        self.blocks = nn.ModuleList([Block(width, inner, heads) for _ in range(layers)])
        self.norm = nn.LayerNorm(width)
        self.classification_head = nn.Linear(width, classes)

    def forward(self, x):
        x = torch.cat([self.cls_token.expand(len(x), -1, -1), self.patch_embedding(x)], 1)
        for block in self.blocks:
            x = block(x)
        return self.classification_head(self.norm(x)[:, 0])


def dyn_unet():
    return DynUNet(spatial_dims=3, in_channels=1, out_channels=3, kernel_size=[3] * 4, strides=[1, 2, 2, 2],
                   upsample_kernel_size=[2] * 3, filters=[16, 32, 64, 128])


def set_weights(model, weights):
    """Every trained parameter from the file; one too many or too few is an error."""
    parameters = dict(model.named_parameters())
    if parameters.keys() != weights.keys():
        raise ValueError(f"parameters differ: {sorted(parameters.keys() ^ weights.keys())}")
    with torch.no_grad():
        for name, parameter in parameters.items():
            parameter.copy_(weights[name])
    return sum(parameter.numel() for parameter in parameters.values())
