"""The forward pass of CAPI's encoder in PyTorch, written from its description, under the names of published weights."""

import torch
from torch import nn

MEAN = torch.tensor([0.485, 0.456, 0.406]).view(1, 3, 1, 1)
DEVIATION = torch.tensor([0.229, 0.224, 0.225]).view(1, 3, 1, 1)
EPSILON = 1e-5


def divided_by_root_mean_square(x):
    return x / torch.sqrt((x * x).mean(dim=-1, keepdim=True) + EPSILON)


class Norm(nn.Module):
    def __init__(self, dim):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(dim))

    def forward(self, x):
        return divided_by_root_mean_square(x) * self.weight


class Rope(nn.Module):
    def __init__(self, head_dim):
        super().__init__()
        quarter = head_dim // 4
        turns = 7 * (7 / 7e-4) ** -(torch.arange(quarter) / max(quarter - 1, 1))
        table = torch.zeros(2, head_dim)
        table[0, : 2 * quarter] = turns.repeat(2)
        table[1, 2 * quarter :] = turns.repeat(2)
        self.freqs = nn.Parameter(2 * torch.pi * table)

    def forward(self, x, where):
        angle = where[:, None, :, :1] * self.freqs[0] + where[:, None, :, 1:] * self.freqs[1]
        low, high = x.chunk(2, dim=-1)
        return x * angle.cos() + torch.cat([-high, low], dim=-1) * angle.sin()


class Attention(nn.Module):
    def __init__(self, dim, context_dim, heads):
        super().__init__()
        self.heads = heads
        self.q_proj = nn.Linear(dim, dim, bias=False)
        self.k_proj = nn.Linear(context_dim, dim, bias=False)
        self.v_proj = nn.Linear(context_dim, dim, bias=False)
        self.proj = nn.Linear(dim, dim, bias=False)
        self.rope = Rope(dim // heads)

    def split(self, x):
        return x.unflatten(-1, (self.heads, -1)).transpose(1, 2)

    def forward(self, x, where, context, context_where):
        q = self.rope(self.split(self.q_proj(x)), where)
        k = self.rope(self.split(self.k_proj(context)), context_where)
        weights = torch.softmax(q @ k.mT / q.shape[-1] ** 0.5, dim=-1)
        mixed = weights @ self.split(self.v_proj(context))
        return self.proj(mixed.transpose(1, 2).flatten(2))


class Mlp(nn.Module):
    def __init__(self, dim):
        super().__init__()
        self.fc1 = nn.Linear(dim, 4 * dim, bias=False)
        self.fc2 = nn.Linear(4 * dim, dim, bias=False)

    def forward(self, x):
        y = self.fc1(x)
        return self.fc2(y * (1 + torch.erf(y / 2**0.5)) / 2)


class Residual(nn.Module):
    def __init__(self, dim, fn):
        super().__init__()
        self.norm = Norm(dim)
        self.fn = fn


class Block(nn.Module):
    def __init__(self, dim, context_dim, heads):
        super().__init__()
        self.residual1 = Residual(dim, Attention(dim, context_dim, heads))
        self.residual2 = Residual(dim, Mlp(dim))

    def forward(self, x, where, context=None, context_where=None):
        normed = self.residual1.norm(x)
        if context is None:
            context, context_where = normed, where
        x = x + self.residual1.fn(normed, where, context, context_where)
        return x + self.residual2.fn(self.residual2.norm(x))


class Transformer(nn.Module):
    def __init__(self, depth, dim, context_dim, heads):
        super().__init__()
        self.blocks = nn.ModuleList([Block(dim, context_dim, heads) for _ in range(depth)])


class Backbone(nn.Module):
    def __init__(self, patch, dim, depth, heads, registers, predictor_dim, predictor_depth):
        super().__init__()
        self.patch, self.predictor_dim = patch, predictor_dim
        self.mask_token = nn.Parameter(torch.randn(1, predictor_dim))
        self.registers = nn.Parameter(torch.randn(1, registers, dim))
        self.encoder = Transformer(depth, dim, dim, heads)
        self.decoder = Transformer(predictor_depth, predictor_dim, dim, predictor_dim * heads // dim)
        self.patch_embed = nn.Conv2d(3, dim, kernel_size=patch, stride=patch)

    @staticmethod
    def places(rows, columns):
        down = torch.arange(rows) / max(rows - 1, 1)
        across = torch.arange(columns) / max(columns - 1, 1)
        return torch.stack([down.repeat_interleave(columns), across.repeat(rows)], dim=-1)

    def border(self):
        side = self.registers.shape[1] // 4
        t = torch.arange(side) / max(side, 1)
        zero, one = torch.zeros(side), torch.ones(side)
        walk = [(t, zero), (one, t), (1 - t, one), (zero, 1 - t)]
        return torch.cat([torch.stack(pair, dim=-1) for pair in walk])

    def forward(self, images):
        """Images in [0, 1], [batch, 3, height, width], to the global vectors, the registers and the feature map."""
        embedded = self.patch_embed((images - MEAN) / DEVIATION)
        batch, _, rows, columns = embedded.shape
        grid = self.places(rows, columns)
        low, high = grid.min(dim=0).values, grid.max(dim=0).values
        where = torch.cat([low + self.border() * (high - low), grid]).expand(batch, -1, -1)
        x = torch.cat([self.registers.expand(batch, -1, -1), embedded.flatten(2).mT], dim=1)
        for block in self.encoder.blocks:
            x = block(x, where)
        x = divided_by_root_mean_square(x)
        masks = self.mask_token.expand(batch, rows * columns, -1)
        predicted = self.decoder.blocks[0](masks, grid.expand(batch, -1, -1), x, where)
        count = self.registers.shape[1]
        patches = x[:, count:].unflatten(1, (rows, columns))
        return divided_by_root_mean_square(predicted).mean(dim=1), x[:, :count], patches


class PublishedBackbone(nn.Module):
    """What a published file holds: the backbone under its prefix."""

    def __init__(self, **sizes):
        super().__init__()
        self.backbone = Backbone(**sizes)
