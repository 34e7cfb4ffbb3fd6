"""Models of the library birder that were pretrained with CAPI: files that birder writes are imported and compute the same."""

import pytest
import torch
from conftest import run

birder = pytest.importorskip("birder", reason="these tests need birder: see requirements.txt next to them")

from birder.common import fs_ops  # noqa: E402
from birder.conf import settings  # noqa: E402
from birder.data.transforms.classification import get_rgb_stats  # noqa: E402
from birder.net.base import get_signature  # noqa: E402
from birder.net.rope_vit import RoPE_ViT  # noqa: E402

TINY = {"patch_size": 14, "num_layers": 2, "num_heads": 3, "hidden_dim": 192, "mlp_dim": 320, "drop_path_rate": 0.1}
GATED = {"norm_layer_type": "RMSNorm", "mlp_layer_type": "SwiGLU_FFN"}
# Each name tells what birder's own networks of that name add to their size.
NETWORKS = {
    "rope_vit_reg4_t14": {"num_reg_tokens": 4},
    "rope_vit_t14": {},
    "rope_vit_reg8_t14_nps_avg": {"num_reg_tokens": 8, "class_token": False, "pos_embed_special_tokens": False},
    "rope_vit_reg8_t14_swiglu_rms_avg": {"num_reg_tokens": 8, "class_token": False, **GATED},
}
STATS = {"rope_vit_reg4_t14": "birder", "rope_vit_t14": "centered"}


class Outputs(torch.nn.Module):
    """The three outputs of a network of birder for images in [0, 1]."""

    def __init__(self, network, stats):
        super().__init__()
        self.network = network
        self.mean, self.std = (torch.tensor(stats[key]).view(3, 1, 1) for key in ("mean", "std"))

    def forward(self, images):
        self.network.set_dynamic_size()
        normalised = (images - self.mean) / self.std
        tokens = self.network.masked_encoding_omission(normalised)["tokens"]
        rows, columns = (side // self.network.patch_size for side in images.shape[-2:])
        patches = tokens[:, self.network.num_special_tokens :].unflatten(1, (rows, columns))
        registers = tokens[:, : self.network.num_reg_tokens]
        return self.network.embedding(normalised), registers, patches


def network(name, size=(56, 56), classes=0):
    torch.manual_seed(3)
    made = RoPE_ViT(3, classes, config={**TINY, **NETWORKS[name]}, size=size)
    with torch.no_grad():
        for parameter in made.parameters():
            parameter += 0.1 * torch.randn_like(parameter)
    return made.eval()


def stats(name):
    return get_rgb_stats(STATS.get(name, "imagenet"))


def pt_file(made, name, folder):
    """A checkpoint as birder writes it, under the name that birder gives it."""
    signature = get_signature((1, 3, *made.size), 0)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(settings, "MODELS_DIR", folder)
        fs_ops.checkpoint_model(f"{name}_capi", 3, made, signature, {"a bird": 0}, stats(name), None, None, None, None)
        return fs_ops.model_path(f"{name}_capi", epoch=3)


def safetensors_file(made, name, folder):
    file = folder / f"{name}_capi.safetensors"
    fs_ops.save_st(made, str(file), made.task, {"a bird": 0}, get_signature((1, 3, *made.size), 0), stats(name))
    return file


@pytest.mark.parametrize("name", NETWORKS)
@pytest.mark.parametrize("write", [pt_file, safetensors_file])
def test_a_network_of_random_weights_computes_the_same(capi, agree, tmp_path, name, write):
    made = network(name)
    printed = capi("import-weights", "--from", write(made, name, tmp_path), "--to", tmp_path / "model")
    assert printed["parameters"] == sum(parameter.numel() for parameter in made.parameters())
    agree(tmp_path / "model", Outputs(made, stats(name)))


def test_positions_of_a_wide_grid_are_resized(capi, agree, tmp_path):
    made = network("rope_vit_reg4_t14", size=(42, 98))
    capi("import-weights", "--from", pt_file(made, "rope_vit_reg4_t14", tmp_path), "--to", tmp_path / "model")
    agree(tmp_path / "model", Outputs(made, stats("rope_vit_reg4_t14")))


def test_a_head_is_left_out(capi, agree, tmp_path):
    made = network("rope_vit_reg4_t14", classes=5)
    file = pt_file(made, "rope_vit_reg4_t14", tmp_path)
    capi("import-weights", "--from", file, "--to", tmp_path / "model", "--arch", "rope_vit_reg4_t14")
    agree(tmp_path / "model", Outputs(made, stats("rope_vit_reg4_t14")))


@pytest.mark.parametrize(
    ("arch", "reason"),
    [
        ("rope_vit_reg8_t14", "state.reg_tokens has the shape [1, 4, 192], wanted is [1, 8, 192]"),
        ("rope_vit_reg4_b14", "rope_vit_reg4_b14 has the width 768, the file's is 192"),
        ("rope_vit_reg4_t14_avg", "is it another network?"),
        ("rope_vit_reg4_t14_rms", "no part of the model is called state.encoder.block.0.norm1.bias [192]"),
        ("rope_vit_reg4_t14_quick_gelu", "those with quick are not known"),
        ("rope_vit_reg4_t14_ap", "those with ap are not known"),
        ("vits14", "are of the library birder; name the network as birder does"),
    ],
)
def test_another_network_is_refused_by_name(tmp_path, arch, reason):
    file = pt_file(network("rope_vit_reg4_t14"), "rope_vit_reg4_t14", tmp_path)
    done = run("import-weights", "--from", file, "--to", tmp_path / "model", "--arch", arch)
    assert done.returncode == 2
    assert reason in done.stderr
    assert [left.name for left in tmp_path.iterdir()] == [file.name]


def test_a_file_that_tells_no_normalisation_is_refused(tmp_path):
    torch.save(network("rope_vit_t14").state_dict(), tmp_path / "rope_vit_t14.pt")
    done = run("import-weights", "--from", tmp_path / "rope_vit_t14.pt", "--to", tmp_path / "model")
    assert done.returncode == 2
    assert "it lacks rgb_stats.mean.0" in done.stderr
