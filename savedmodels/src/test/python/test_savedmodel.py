"""An exported encoder, loaded with TensorFlow for Python, computes what it computes in Java.

CAPI_MODEL   the exported model
CAPI_OUTPUTS what org.capi.savedmodels.interop.DumpOutputs wrote for it
"""

import os
import pathlib

import numpy as np
import pytest
import tensorflow as tf

MODEL = pathlib.Path(os.environ["CAPI_MODEL"])
CASES = sorted(pathlib.Path(os.environ["CAPI_OUTPUTS"]).glob("case-*"))
OUTPUTS = ("global", "registers", "feature_map")
TOLERANCE = 1e-5


@pytest.fixture(scope="module")
def model():
    return tf.saved_model.load(str(MODEL))


@pytest.fixture(scope="module")
def encode(model):
    return model.signatures["serving_default"]


def read(folder, name):
    return np.load(folder / f"{name}.npy")


def test_there_is_something_to_compare():
    sizes = {read(case, "images").shape for case in CASES}
    assert len(sizes) >= 3, f"expected several batch and image sizes, found {sizes}"


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
@pytest.mark.parametrize("output", OUTPUTS)
def test_outputs_agree_with_java(encode, case, output):
    ours = encode(images=tf.constant(read(case, "images")))[output].numpy()
    java = read(case, output)
    assert ours.shape == java.shape
    error = np.abs(ours - java).max() / np.abs(java).max()
    print(f"{case.name} {output} {ours.shape}: {error:.2e} of the largest value")
    assert error <= TOLERANCE


def test_the_signature_has_the_three_outputs(encode):
    assert set(encode.structured_outputs) == set(OUTPUTS)
    assert encode.inputs[0].shape.as_list() == [None, None, None, 3]


def test_the_weights_are_variables(model):
    names = [variable.name for variable in model.variables]
    assert len(names) > 10
    assert len(set(names)) == len(names)
    assert all(np.isfinite(variable.numpy()).all() for variable in model.variables)
    assert all(variable.trainable for variable in model.variables)


def test_every_output_has_gradients_for_its_weights(model, encode):
    images = tf.constant(read(CASES[0], "images"))
    with tf.GradientTape() as tape:
        outputs = encode(images=images)
        loss = tf.add_n([tf.reduce_sum(outputs[name] ** 2) for name in OUTPUTS])
    gradients = tape.gradient(loss, list(model.variables))
    assert any(gradient is not None and np.abs(gradient).max() > 0 for gradient in gradients)


def test_it_can_be_saved_again(model, encode, tmp_path):
    images = tf.constant(read(CASES[0], "images"))
    tf.saved_model.save(model, str(tmp_path / "again"), signatures={"serving_default": encode})
    again = tf.saved_model.load(str(tmp_path / "again")).signatures["serving_default"]
    np.testing.assert_allclose(
        again(images=images)["feature_map"], encode(images=images)["feature_map"], rtol=1e-6, atol=1e-6
    )
