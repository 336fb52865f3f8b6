"""Writes golden/networks/{masked-transformer-block,pre-norm-block}.json: the parts of mmFormer that MONAI has too."""

import monai
import numpy
import torch
from monai.networks.blocks.segresnet_block import ResBlock
from monai.networks.blocks.transformerblock import TransformerBlock

import golden
from networks import network_case

PRESENT = {"all": [1] * 10, "second modality missing": [1] * 5 + [0] * 5, "scattered": [1, 0, 0, 1, 1, 1, 0, 1, 0, 1]}


class Masked(torch.nn.Module):
    """The block's answer under a mask, and the weights it saved; names of parameters are the block's own."""

    def __init__(self, block, present):
        super().__init__()
        self.block, self.present = block, present

    def forward(self, x):
        tokens = self.block(x, attn_mask=torch.tensor(self.present).double().expand(x.shape[0], -1))
        return [tokens, self.block.attn.att_mat]

    def named_parameters(self, *args, **kwargs):
        return ((n, p) for n, p in self.block.named_parameters() if "cross_attn" not in n)

    def named_buffers(self, *args, **kwargs):
        return iter(())


def transformer():
    given = {"hidden_size": 12, "mlp_dim": 20, "num_heads": 3}
    cases = []
    for name, present in PRESENT.items():
        for bias in (False, True):
            options = given | {"qkv_bias": bias}
            block = TransformerBlock(**options, save_attn=True)
            # Saved weights are cut off from the graph: they are kept with it here, so that their gradient is compared too.
            block.attn.att_mat = torch.empty(0)
            block.attn.save_attn = False
            block.attn.drop_weights = Kept(block.attn)
            block.norm_cross_attn = torch.nn.Identity()
            stated = {key: value for key, value in options.items() if key != "hidden_size"} | {"present": present}
            cases.append(network_case(f"{name}, {'with' if bias else 'without'} biases", Masked(block, present), stated, [2, 10, 12], pick=list))
    golden.write("networks/masked-transformer-block", "monai.networks.blocks.transformerblock.TransformerBlock", cases, [monai, torch, numpy], tolerance=1e-4)


class Kept(torch.nn.Module):
    def __init__(self, attention):
        super().__init__()
        self.keep = [attention]

    def forward(self, weights):
        self.keep[0].att_mat = weights
        return weights


def residual():
    cases = [
        network_case("2-D, instance norm", ResBlock(2, 4, norm=("instance", {"affine": True}), act="leakyrelu"),
                     {"norm": ("instance", {"affine": True}), "act": "leakyrelu"}, [2, 4, 8, 12]),
        network_case("3-D, batch norm", ResBlock(3, 3, norm="batch", act="relu"), {"norm": "batch", "act": "relu"}, [2, 3, 4, 6, 8]),
    ]
    golden.write("networks/pre-norm-block", "monai.networks.blocks.segresnet_block.ResBlock", cases, [monai, torch, numpy], tolerance=1e-4)


if __name__ == "__main__":
    transformer()
    residual()
