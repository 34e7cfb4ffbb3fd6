"""Everything else that reads SavedModels takes an exported encoder: Keras, TFLite, the command line, v1 sessions."""

import subprocess
import sys

import keras
import numpy as np
import pytest
import tensorflow as tf
from conftest import CASES, MODEL, OUTPUTS, OUTPUTS_OF_JAVA, assert_agree, files, java, read


def test_keras_sees_the_weights_and_computes_the_same(case):
    layer = keras.layers.TFSMLayer(str(MODEL), call_endpoint="serving_default")
    assert_agree(layer(tf.constant(case.images)), case.outputs)
    assert len(layer.trainable_weights) == len(tf.train.list_variables(str(MODEL / "variables" / "variables")))


@pytest.fixture(scope="module")
def interpreter():
    converter = tf.lite.TFLiteConverter.from_saved_model(str(MODEL), signature_keys=["serving_default"])
    return tf.lite.Interpreter(model_content=converter.convert())


@pytest.mark.parametrize("folder", CASES, ids=lambda folder: folder.name)
def test_tflite_computes_the_same(interpreter, folder):
    run = interpreter.get_signature_runner("serving_default")
    assert_agree(run(images=read(folder, "images")), java(folder), tolerance=1e-4)


def command_line(*arguments):
    program = "from tensorflow.python.tools.saved_model_cli import main; main()"
    done = subprocess.run([sys.executable, "-c", program, *map(str, arguments)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_saved_model_cli_lists_the_signatures():
    shown = command_line("show", "--dir", MODEL, "--all")
    for word in ("serving_default", "serving_bytes", "tensorflow/serving/predict", *OUTPUTS):
        assert word in shown


def test_saved_model_cli_runs_the_default_signature(case, tmp_path):
    np.save(tmp_path / "images.npy", case.images)
    options = ("--dir", MODEL, "--tag_set", "serve", "--outdir", tmp_path)
    command_line("run", *options, "--signature_def", "serving_default", "--inputs", f"images={tmp_path}/images.npy")
    assert_agree({name: np.load(tmp_path / f"{name}.npy") for name in OUTPUTS}, case.outputs)


def test_a_session_of_tensorflow_1_computes_the_same(case):
    with tf.compat.v1.Session(graph=tf.Graph()) as session:
        meta = tf.compat.v1.saved_model.load(session, ["serve"], str(MODEL))
        for signature, feeds, expected in (
            ("serving_default", {"images": case.images}, case.outputs),
            ("serving_bytes", {"image_bytes": files()}, java(OUTPUTS_OF_JAVA / "files")),
        ):
            definition = meta.signature_def[signature]
            outputs = session.run(
                {name: definition.outputs[name].name for name in OUTPUTS},
                {definition.inputs[name].name: value for name, value in feeds.items()},
            )
            assert_agree(outputs, expected)
        assert len(tf.compat.v1.trainable_variables()) > 10
