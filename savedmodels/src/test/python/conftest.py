"""What the tests of an exported encoder share.

CAPI_MODEL   the exported model
CAPI_OUTPUTS what org.capi.savedmodels.interop.DumpOutputs wrote for it
"""

import os
import pathlib
import types

import numpy as np
import pytest
import tensorflow as tf

MODEL = pathlib.Path(os.environ["CAPI_MODEL"])
OUTPUTS_OF_JAVA = pathlib.Path(os.environ["CAPI_OUTPUTS"])
CASES = sorted(OUTPUTS_OF_JAVA.glob("case-*"))
OUTPUTS = ("global", "registers", "feature_map")


def read(folder, name):
    return np.load(folder / f"{name}.npy")


def java(folder):
    return {name: read(folder, name) for name in OUTPUTS}


def files():
    """The bytes of the image files that Java encoded, in its order."""
    return [file.read_bytes() for file in sorted((OUTPUTS_OF_JAVA / "files").glob("image-*"))]


def assert_agree(ours, theirs, tolerance=1e-5):
    """Every output differs by less than so much of its largest value."""
    for name in OUTPUTS:
        a, b = np.asarray(ours[name]), np.asarray(theirs[name])
        assert a.shape == b.shape, name
        error = np.abs(a - b).max() / np.abs(b).max()
        print(f"{name} {a.shape}: {error:.2e} of the largest value")
        assert error <= tolerance, name


@pytest.fixture(scope="session")
def case():
    folder = CASES[0]
    return types.SimpleNamespace(images=read(folder, "images"), outputs=java(folder))


@pytest.fixture(scope="session")
def model():
    return tf.saved_model.load(str(MODEL))


@pytest.fixture(scope="session")
def encode(model):
    return model.signatures["serving_default"]


@pytest.fixture(scope="session")
def encode_files(model):
    return model.signatures["serving_bytes"]
