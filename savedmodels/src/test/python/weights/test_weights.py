"""Weights that this project writes are loaded by PyTorch, strictly, and weights that PyTorch writes are imported.

CAPI the launcher
"""

import collections
import copy
import json
import re

import pytest
import safetensors.torch
import torch
from conftest import run
from reference import Backbone, PublishedBackbone
from torch import nn
from torch.nn.utils import parametrize

TRAINED = {"patch": 8, "dim": 32, "depth": 2, "heads": 2, "registers": 16, "predictor_dim": 48, "predictor_depth": 2}
RANDOM = {"patch": 14, "dim": 64, "depth": 3, "heads": 4, "registers": 8, "predictor_dim": 32, "predictor_depth": 2}


@pytest.fixture(scope="module")
def trained(capi, tmp_path_factory):
    """A run of a few steps, and its teacher as a SavedModel."""
    folder = tmp_path_factory.mktemp("trained")
    capi("data", "generate", "--to", folder / "set", "--train", 24, "--val", 10, "--size", 48)
    sizes = [f"model.{key}={TRAINED[key]}" for key in ("dim", "depth", "heads", "registers", "predictor_dim", "predictor_depth")]
    sizes += ["model.patch_size=8", "data.image_size=48", "capi.prototypes=16"]
    steps = ["optim.total_steps=6", "optim.warmup_steps=2", "optim.batch_size=6", "checkpoint.every=6"]
    capi("pretrain", "--data", folder / "set", "--run", folder / "run", "--preset", "demo", *sizes, *steps)
    capi("export", "--run", folder / "run", "--to", folder / "model")
    return folder


@pytest.fixture(scope="module")
def published():
    torch.manual_seed(1)
    module = PublishedBackbone(**RANDOM)
    with torch.no_grad():
        for parameter in module.parameters():
            if parameter.shape[0] != 2:  # all but the frequencies
                parameter += 0.1 * torch.randn_like(parameter)
    return module


def test_our_trained_weights_load_strictly_and_compute_the_same(capi, agree, trained):
    capi("export-weights", "--run", trained / "run", "--to", trained / "run.pth")
    weights = torch.load(trained / "run.pth", weights_only=True)
    assert all(value.dtype == torch.float32 and value.is_contiguous() for value in weights.values())
    module = PublishedBackbone(**TRAINED)
    assert list(weights) == list(module.state_dict())
    module.load_state_dict(weights, strict=True)
    agree(trained / "model", module.backbone)


def test_a_run_and_its_model_give_the_same_file(capi, trained):
    capi("export-weights", "--run", trained / "run", "--to", trained / "a.pth")
    capi("export-weights", "--model", trained / "model", "--to", trained / "b.pth")
    assert (trained / "a.pth").read_bytes() == (trained / "b.pth").read_bytes()


def test_our_safetensors_are_those_of_the_library(capi, trained):
    capi("export-weights", "--model", trained / "model", "--to", trained / "c.safetensors")
    capi("export-weights", "--model", trained / "model", "--to", trained / "c.pth")
    weights = torch.load(trained / "c.pth", weights_only=True, mmap=True)
    safe = safetensors.torch.load_file(trained / "c.safetensors")
    assert safe.keys() == weights.keys()
    assert all(torch.equal(safe[name], weights[name]) for name in weights)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float16, torch.bfloat16, torch.float64], ids=str)
@pytest.mark.parametrize("end", ["pth", "safetensors"])
def test_weights_of_every_type_come_in_and_out_bit_exact(capi, agree, published, tmp_path, dtype, end):
    weights = {name: value.to(dtype) for name, value in published.state_dict().items()}
    file = tmp_path / f"weights.{end}"
    torch.save(weights, file) if end == "pth" else safetensors.torch.save_file(weights, file)
    capi("import-weights", "--from", file, "--to", tmp_path / "model")
    capi("export-weights", "--model", tmp_path / "model", "--to", tmp_path / "out.pth")
    again = torch.load(tmp_path / "out.pth", weights_only=True)
    assert again.keys() == weights.keys()
    assert all(torch.equal(again[name], weights[name].float()) for name in weights)
    module = PublishedBackbone(**RANDOM)
    module.load_state_dict(again, strict=True)
    agree(tmp_path / "model", module.backbone)


def test_views_of_one_storage_come_in(capi, agree, published, tmp_path):
    flat = torch.cat([value.flatten() for value in published.state_dict().values()])
    weights, at = {}, 0
    for name, value in published.state_dict().items():
        weights[name] = nn.Parameter(flat[at : at + value.numel()].view(value.shape))
        at += value.numel()
    name = "backbone.encoder.blocks.1.residual2.fn.fc1.weight"
    weights[name] = weights[name].T.contiguous().T
    torch.save(weights, tmp_path / "views.pth")
    capi("import-weights", "--from", tmp_path / "views.pth", "--to", tmp_path / "model")
    agree(tmp_path / "model", published.backbone)


def as_data_parallel(module):
    return nn.DataParallel(module).state_dict(), "module.backbone.*"


def as_compiled(module):
    return torch.compile(module).state_dict(), "_orig_mod.backbone.*"


def as_compiled_data_parallel(module):
    return {"model": torch.compile(nn.DataParallel(module)).state_dict()}, "model._orig_mod.module.backbone.*"


def as_lightning(module):
    weights = {f"model.{name}": value for name, value in module.state_dict().items()}
    callbacks = {"ModelCheckpoint": {"best_k_models": {}, "current_score": torch.tensor(0.5)}}
    return {"epoch": 3, "state_dict": weights, "callbacks": callbacks}, "state_dict.model.backbone.*"


def as_average(module):
    student = {name: torch.zeros_like(value) for name, value in module.state_dict().items()}
    return {"model": student, "model_ema": module.state_dict()}, "model_ema.backbone.*"


def as_expanded(module):
    weights = module.state_dict()
    module.backbone.mask_token.data = weights["backbone.mask_token"][:, :1].expand_as(weights["backbone.mask_token"])
    return module.state_dict(), None


def with_extras(module):
    weights = module.state_dict()
    kept = nn.Parameter(torch.zeros(2))
    kept.note = "a tensor with an attribute"
    extras = {
        "milestones": collections.Counter([30, 60]), "names": {"a", "b"}, "bytes": b"x", "large": 1 << 70, "kept": kept,
        "device": torch.device("cpu"), "complex": 1j, "layout": torch.strided, ("a", 1): 2, "type": torch.bfloat16,
        "signal": torch.zeros(2, dtype=torch.complex64), "sparse": torch.eye(2).to_sparse(), "size": torch.Size([2]),
        "float8": torch.zeros(2).to(torch.float8_e5m2), "whole": torch.zeros(2, dtype=torch.uint32),
    }  # fmt: skip
    return {**weights, **extras}, None


@pytest.mark.parametrize(
    "save",
    [as_data_parallel, as_compiled, as_compiled_data_parallel, as_lightning, as_average, as_expanded, with_extras],
)
def test_weights_in_another_wrapping_come_in(capi, published, tmp_path, save):
    module = copy.deepcopy(published)
    saved, place = save(module)
    torch.save(saved, tmp_path / "weights.pth")
    torch.load(tmp_path / "weights.pth", weights_only=True)  # nothing here but what PyTorch accepts by default
    done = run("import-weights", "--from", tmp_path / "weights.pth", "--to", tmp_path / "model")
    assert done.returncode == 0, done.stderr
    assert place is None or f"the backbone's weights are those named {place}" in done.stderr
    if save is with_extras:
        left_out = done.stderr.split("skipped, not part of the encoder: ")[1].splitlines()[0]
        assert left_out == "kept, signal, float8, whole, milestones, names, bytes, large and 7 more"
    capi("export-weights", "--model", tmp_path / "model", "--to", tmp_path / "out.pth")
    again = torch.load(tmp_path / "out.pth", weights_only=True)
    weights = module.state_dict()
    assert again.keys() == weights.keys()
    assert all(torch.equal(again[name], weights[name]) for name in weights)


@pytest.mark.parametrize("given", ["model.safetensors.index.json", "model-00002-of-00002.safetensors"])
def test_shards_come_in(capi, published, tmp_path, given):
    weights = published.state_dict()
    names = list(weights)
    parts = {"model-00001-of-00002.safetensors": names[::2], "model-00002-of-00002.safetensors": names[1::2]}
    for file, part in parts.items():
        safetensors.torch.save_file({name: weights[name].contiguous() for name in part}, tmp_path / file)
    index = {"metadata": {}, "weight_map": {name: file for file, part in parts.items() for name in part}}
    (tmp_path / "model.safetensors.index.json").write_text(json.dumps(index))
    capi("import-weights", "--from", tmp_path / given, "--to", tmp_path / "model")
    capi("export-weights", "--model", tmp_path / "model", "--to", tmp_path / "out.pth")
    again = torch.load(tmp_path / "out.pth", weights_only=True)
    assert all(torch.equal(again[name], weights[name]) for name in weights)


class Gathered(nn.Module):
    """Stands where the reference gathers a weight of all processes; with one process it changes nothing."""

    def forward(self, x):
        return x


class Wrapped(nn.Module):
    """A module whose weights are parametrised, as the reference's are in training."""

    def __init__(self, module):
        super().__init__()
        self.module = module
        for part in list(module.modules()):
            for name in [name for name, weight in part._parameters.items() if weight is not None]:
                parametrize.register_parametrization(part, name, Gathered())


def test_the_teacher_of_a_training_checkpoint_comes_in(capi, agree, published, tmp_path):
    torch.manual_seed(2)
    head = nn.ModuleDict({"layer": nn.Linear(RANDOM["dim"], 16)})
    average = Backbone(**RANDOM)
    average.load_state_dict(published.backbone.state_dict())
    model = nn.ModuleDict({
        "student": nn.ModuleDict({"backbone": Wrapped(Backbone(**RANDOM))}),
        "student_ema": nn.ModuleDict({"backbone": Wrapped(average)}),
        "teacher": nn.ModuleDict({"head": Wrapped(head)}),
    })
    model.teacher["backbone"] = model.student_ema.backbone
    optimizer = torch.optim.AdamW(model.student.parameters())
    sum(parameter.sum() for parameter in model.student.parameters()).backward()
    optimizer.step()
    checkpoint = {"iteration": 7, "model": model.state_dict(), "optimizer": optimizer.state_dict()}
    torch.save(checkpoint, tmp_path / "model.0000007.rank_000.pth")
    capi("import-weights", "--from", tmp_path / "model.0000007.rank_000.pth", "--to", tmp_path / "model")
    agree(tmp_path / "model", published.backbone)


def test_a_wrong_architecture_is_named(published, tmp_path):
    torch.save(published.state_dict(), tmp_path / "weights.pth")
    done = run("import-weights", "--from", tmp_path / "weights.pth", "--to", tmp_path / "model", "--arch", "vits14")
    assert done.returncode == 2
    assert "backbone.mask_token has the shape [1, 32], wanted is [1, 384]" in done.stderr
    assert [file.name for file in tmp_path.iterdir()] == ["weights.pth"]


class Touch:
    def __init__(self, file):
        self.file = file

    def __reduce__(self):
        return open, (str(self.file), "w")


def test_nothing_in_a_file_is_run(published, tmp_path):
    weights = dict(published.state_dict(), extra=Touch(tmp_path / "marker"))
    torch.save(weights, tmp_path / "weights.pth")
    done = run("import-weights", "--from", tmp_path / "weights.pth", "--to", tmp_path / "model")
    assert done.returncode == 2
    assert re.search("it asks for _?io.open, which no file of weights needs; nothing of it was run", done.stderr)
    assert [file.name for file in tmp_path.iterdir()] == ["weights.pth"]
