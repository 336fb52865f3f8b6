"""Writes golden/networks/{vision-transformer,mobile-net-v2}.json, golden/transforms/resize-plane.json and golden/methods/vit-transfer.json."""

import sys

import numpy
import torch
import torchvision

import golden
from golden_weights import noise, weight
from networks import network_case

torch.set_num_threads(1)


class Scale(torch.nn.Module):
    def __init__(self, width):
        super().__init__()
        self.gamma = torch.nn.Parameter(torch.ones(width))

    def forward(self, x):
        return x * self.gamma


class Attention(torch.nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.heads = heads
        self.qkv = torch.nn.Linear(width, 3 * width)
        self.proj = torch.nn.Linear(width, width)

    def forward(self, x):
        batch, count, width = x.shape
        q, k, v = self.qkv(x).reshape(batch, count, 3, self.heads, width // self.heads).permute(2, 0, 3, 1, 4)
        y = torch.nn.functional.scaled_dot_product_attention(q, k, v)
        return self.proj(y.transpose(1, 2).reshape(batch, count, width))


class Perceptron(torch.nn.Module):
    def __init__(self, width, inner):
        super().__init__()
        self.fc1 = torch.nn.Linear(width, inner)
        self.fc2 = torch.nn.Linear(inner, width)

    def forward(self, x):
        return self.fc2(torch.nn.functional.gelu(self.fc1(x)))


class Block(torch.nn.Module):
    def __init__(self, width, heads, inner, layer_scale):
        super().__init__()
        self.norm1 = torch.nn.LayerNorm(width, eps=1e-6)
        self.attn = Attention(width, heads)
        self.ls1 = Scale(width) if layer_scale else torch.nn.Identity()
        self.norm2 = torch.nn.LayerNorm(width, eps=1e-6)
        self.mlp = Perceptron(width, inner)
        self.ls2 = Scale(width) if layer_scale else torch.nn.Identity()

    def forward(self, x):
        x = x + self.ls1(self.attn(self.norm1(x)))
        return x + self.ls2(self.mlp(self.norm2(x)))


class PatchEmbed(torch.nn.Module):
    def __init__(self, channels, width, patch):
        super().__init__()
        self.proj = torch.nn.Conv2d(channels, width, patch, patch)

    def forward(self, x):
        return self.proj(x).flatten(2).transpose(1, 2)


class VisionTransformer(torch.nn.Module):
    """A vision transformer under timm's parameter names."""

    def __init__(self, in_channels, image_size, patch_size, hidden_size, mlp_dim, depth, num_heads, layer_scale=False):
        super().__init__()
        count = (image_size[0] // patch_size) * (image_size[1] // patch_size)
        self.cls_token = torch.nn.Parameter(torch.zeros(1, 1, hidden_size))
        self.pos_embed = torch.nn.Parameter(torch.zeros(1, 1 + count, hidden_size))
        self.patch_embed = PatchEmbed(in_channels, hidden_size, patch_size)
        self.blocks = torch.nn.ModuleList(Block(hidden_size, num_heads, mlp_dim, layer_scale) for _ in range(depth))
        self.norm = torch.nn.LayerNorm(hidden_size, eps=1e-6)

    def forward(self, x):
        x = torch.cat([self.cls_token.expand(x.shape[0], -1, -1), self.patch_embed(x)], 1) + self.pos_embed
        for block in self.blocks:
            x = block(x)
        return self.norm(x)


def as_torchvision(state):
    """The same parameters under torchvision's names."""
    def renamed(name):
        name = name.replace("cls_token", "class_token").replace("pos_embed", "encoder.pos_embedding").replace("patch_embed.proj", "conv_proj")
        name = name.replace("blocks.", "encoder.layers.encoder_layer_").replace("norm1", "ln_1").replace("norm2", "ln_2")
        name = name.replace("attn.qkv.", "self_attention.in_proj_").replace("attn.proj", "self_attention.out_proj")
        name = name.replace("mlp.fc1", "mlp.0").replace("mlp.fc2", "mlp.3")
        return "encoder.ln." + name.removeprefix("norm.") if name.startswith("norm.") else name
    return {renamed(name): value for name, value in state.items()}


def check_against_torchvision(model, options, x):
    """Our plain writing of the network is torchvision's, on the same parameters."""
    theirs = torchvision.models.VisionTransformer(
        image_size=x.shape[2], patch_size=options["patch_size"], num_layers=options["depth"], num_heads=options["num_heads"],
        hidden_dim=options["hidden_size"], mlp_dim=options["mlp_dim"]).double().eval()
    missing = theirs.load_state_dict(as_torchvision(model.state_dict()), strict=False)
    assert not missing.unexpected_keys and all(name.startswith("heads.") for name in missing.missing_keys), missing
    tokens = torch.cat([theirs.class_token.expand(x.shape[0], -1, -1), theirs._process_input(x)], 1)
    assert torch.allclose(theirs.encoder(tokens), model(x), atol=1e-12)


def vision_transformer():
    options = {"patch_size": 7, "hidden_size": 12, "mlp_dim": 20, "depth": 2, "num_heads": 3}

    def case(name, given, shape):
        model = VisionTransformer(shape[1], shape[2:], **given)
        made = network_case(name, model, given, shape)
        if shape[1] == 3 and not given.get("layer_scale"):
            check_against_torchvision(model, given, torch.from_numpy(noise("input", shape)).double())
        return made

    cases = [
        case("colour", options, [2, 3, 28, 28]),
        case("layer scale, grey, not square", options | {"layer_scale": True}, [2, 1, 21, 35]),
    ]
    golden.write("networks/vision-transformer", "torchvision.models.VisionTransformer", cases, [torchvision, torch, numpy], tolerance=1e-4)


def mobile_net_v2():
    def case(name, shape, training=False, features=False):
        model = torchvision.models.mobilenet_v2(num_classes=5, dropout=0.0)
        if features:
            model.classifier = torch.nn.Identity()
        return network_case(name, model, {} if features else {"num_classes": 5}, shape, training=training)

    cases = [case("classifier, evaluation", [2, 3, 64, 64]), case("features, odd size, evaluation", [2, 3, 85, 69], features=True)]
    golden.write("networks/mobile-net-v2", "torchvision.models.mobilenet_v2", cases, [torchvision, torch, numpy], tolerance=1e-4)


def resize_plane():
    cases = []
    modes = {"linear": torchvision.transforms.InterpolationMode.BILINEAR, "cubic": torchvision.transforms.InterpolationMode.BICUBIC}
    for kernel, antialias, source, target in [
        ("linear", False, [9, 7], [5, 13]), ("linear", True, [19, 17], [5, 8]), ("cubic", False, [6, 9], [11, 9]),
        ("cubic", False, [37, 37], [16, 4]), ("cubic", True, [37, 37], [4, 16]), ("cubic", True, [5, 6], [9, 14]),
    ]:
        x = noise("plane", [2, *source])
        y = torchvision.transforms.functional.resize(torch.from_numpy(x).double(), target, modes[kernel], antialias=antialias)
        cases.append(golden.case(f"{kernel}{', against aliasing' if antialias else ''}, {source} to {target}", {"planes": x},
                                 {"planes": y.numpy().astype(numpy.float32)}, kernel=kernel, antialias=antialias, to=target))
    golden.write("transforms/resize-plane", "torchvision.transforms.functional.resize", cases, [torchvision, torch, numpy], tolerance=1e-5)


class LowRank(torch.nn.Module):
    """A linear layer with a change of low rank beside it; its own parameters keep the layer's names."""

    def __init__(self, layer, rank):
        super().__init__()
        self.weight, self.bias = layer.weight, layer.bias
        self.lora_a = torch.nn.Parameter(torch.zeros(rank, layer.in_features, dtype=torch.float64))
        self.lora_b = torch.nn.Parameter(torch.zeros(layer.out_features, rank, dtype=torch.float64))

    def forward(self, x):
        return torch.nn.functional.linear(x, self.weight, self.bias) + 2 * (x @ self.lora_a.T) @ self.lora_b.T


class Transfer(VisionTransformer):
    """The classifier that each way of transfer trains."""

    def __init__(self, method, channels, size, **given):
        super().__init__(channels, size, **given)
        width = given["hidden_size"]
        self.method = method
        if method == "head-3":
            self.pre_logits = torch.nn.Linear(2 * width, width)
        self.head = torch.nn.Linear(width if method == "head-3" else 2 * width, 3)
        self.double()
        if method == "lora":
            for block in self.blocks:
                block.attn.qkv, block.attn.proj = LowRank(block.attn.qkv, 8), LowRank(block.attn.proj, 8)
        if method == "prompts":
            for block in self.blocks:
                block.prompts = torch.nn.Parameter(torch.zeros(1, 8, width, dtype=torch.float64))

    def forward(self, x):
        x = torch.cat([self.cls_token.expand(x.shape[0], -1, -1), self.patch_embed(x)], 1) + self.pos_embed
        for block in self.blocks:
            if self.method == "prompts":
                y = block(torch.cat([x[:, :1], block.prompts.expand(x.shape[0], -1, -1), x[:, 1:]], 1))
                x = torch.cat([y[:, :1], y[:, 9:]], 1)
            else:
                x = block(x)
        x = self.norm(x)
        pooled = torch.cat([x[:, 0], x[:, 1:].mean(1)], 1)
        return self.head(torch.tanh(self.pre_logits(pooled)) if self.method == "head-3" else pooled)


def trained(method, depth):
    last = tuple(f"blocks.{i}." for i in range(depth - 3, depth))
    return {
        "head-3": lambda name: name.startswith(("norm.", "pre_logits.", "head.")),
        "blocks-3": lambda name: name.startswith(("norm.", "head.", *last)),
        "full": lambda name: True,
        "linear-probe": lambda name: name.startswith("head."),
        "lora": lambda name: name.startswith("head.") or "lora_" in name,
        "prompts": lambda name: name.startswith("head.") or "prompts" in name,
    }[method]


def vit_transfer():
    """Three steps of AdamW with layer-wise learning rates."""
    given = {"patch_size": 7, "hidden_size": 8, "mlp_dim": 12, "depth": 4, "num_heads": 2, "layer_scale": True}
    decay, rate, shape, label = 0.7, 0.01, [2, 1, 14, 21], 1
    cases = []
    for method in ("head-3", "blocks-3", "full", "linear-probe", "lora", "prompts"):
        model = Transfer(method, shape[1], shape[2:], **given)
        parameters = dict(model.named_parameters())
        with torch.no_grad():
            for name, value in parameters.items():
                value.copy_(torch.from_numpy(weight(name, tuple(value.shape))))
        used = {name: value for name, value in parameters.items() if trained(method, given["depth"])(name)}

        def layer(name):
            if name.startswith("blocks."):
                return int(name.split(".")[1]) + 1
            return 0 if name.startswith(("cls_token", "pos_embed", "patch_embed")) else given["depth"] + 1

        optimizer = torch.optim.AdamW([
            {"params": [value], "lr": rate * decay ** (given["depth"] + 1 - layer(name)), "weight_decay": 0.05 if value.dim() > 1 else 0.0}
            for name, value in used.items()])
        before = {name: value.detach().clone() for name, value in used.items()}
        images = torch.from_numpy(noise("input", shape[1:])).double().expand(shape)
        losses = []
        for _ in range(3):
            optimizer.zero_grad()
            loss = torch.nn.functional.cross_entropy(model(images), torch.full([shape[0]], label))
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
        changes = {name: ((value.detach() - before[name]) / rate).numpy().astype(numpy.float32) for name, value in used.items()}
        stated = {key: value for key, value in given.items()} | {"method": method, "decay": decay, "rate": rate, "label": label}
        cases.append(golden.case(method, {}, changes | {"losses": numpy.float32(losses)}, **stated, inputShape=shape))
    golden.write("methods/vit-transfer", "torch.optim.AdamW", cases, [torch, numpy], tolerance=1e-3)


MAKERS = {"vit_transfer": vit_transfer, "vision_transformer": vision_transformer, "mobile_net_v2": mobile_net_v2, "resize_plane": resize_plane}

if __name__ == "__main__":
    for name in sys.argv[1:] or MAKERS:
        MAKERS[name]()
