"""An exported encoder, converted by tf2onnx, computes in onnxruntime what it computes in TensorFlow, at every size.

CAPI_MODEL the exported models, with colons between them
"""

import json
import os
import pathlib
import subprocess
import sys

import numpy as np
import onnxruntime
import pytest
import tensorflow as tf

MODELS = [pathlib.Path(model) for model in os.environ["CAPI_MODEL"].split(":")]
TOLERANCE = 1e-5

# Batch, rows and columns of patches.
SHAPES = [(1, 1, 1), (2, 3, 2), (3, 2, 5), (5, 7, 7), (4, 1, 6)]


@pytest.fixture(scope="module", params=MODELS, ids=lambda model: model.name)
def model(request):
    return request.param


@pytest.fixture(scope="module")
def patch(model):
    return json.loads((model / "assets.extra" / "model.json").read_text())["model"]["patch_size"]


@pytest.fixture(scope="module")
def encode(model):
    # The signature lives as long as what it came from.
    loaded = tf.saved_model.load(str(model))
    return lambda images: loaded.signatures["serving_default"](images=tf.constant(images))


@pytest.fixture(scope="module")
def session(model, tmp_path_factory):
    file = tmp_path_factory.mktemp("onnx") / "model.onnx"
    command = [sys.executable, "-m", "tf2onnx.convert", "--saved-model", model, "--output", file, "--opset", "18"]
    done = subprocess.run([*map(str, command), "--signature_def", "serving_default"], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return onnxruntime.InferenceSession(str(file), providers=["CPUExecutionProvider"])


def test_the_images_are_the_only_input(session):
    (images,) = session.get_inputs()
    assert images.name == "images"
    assert images.shape[3] == 3 and all(isinstance(size, str) for size in images.shape[:3])


@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_it_computes_the_same_at_every_size(session, encode, patch, shape):
    batch, rows, columns = shape
    images = np.random.default_rng(7).random((batch, rows * patch, columns * patch, 3), np.float32)
    expected = {name: value.numpy() for name, value in encode(images).items()}
    names = [output.name for output in session.get_outputs()]
    assert set(names) == set(expected)
    for name, value in zip(names, session.run(names, {"images": images})):
        assert value.shape == expected[name].shape, name
        error = np.abs(value - expected[name]).max(initial=0) / np.abs(expected[name]).max(initial=1e-9)
        assert error <= TOLERANCE, (name, error)
