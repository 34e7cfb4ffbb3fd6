"""What TensorFlow Serving checks before it answers, and what it sends to a model first."""

import pathlib
import re

import numpy as np
import pytest
import tensorflow as tf
from conftest import MODEL, OUTPUTS, OUTPUTS_OF_JAVA, assert_agree, files, java
from tensorflow.core.protobuf import saved_model_pb2
from google.protobuf import text_format
from tensorflow_serving.apis import predict_pb2, prediction_log_pb2
from tensorflow_serving.config import model_server_config_pb2

WARM_UP = MODEL / "assets.extra" / "tf_serving_warmup_requests"


@pytest.fixture(scope="module")
def definitions():
    model = saved_model_pb2.SavedModel.FromString((MODEL / "saved_model.pb").read_bytes())
    return model.meta_graphs[0].signature_def


def accept(request, definitions):
    """The checks of a predict request: its signature, its method, the names, types and shapes of its inputs."""
    definition = definitions[request.model_spec.signature_name]
    assert definition.method_name == "tensorflow/serving/predict"
    assert set(request.inputs) == set(definition.inputs)
    for name, value in request.inputs.items():
        info = definition.inputs[name]
        assert value.dtype == info.dtype, name
        wanted, given = tf.TensorShape(info.tensor_shape), tf.TensorShape(value.tensor_shape)
        assert wanted.is_compatible_with(given), (name, wanted, given)


def answer(request, model):
    """What the server would do: feed the named inputs, and put each output into a message of its declared type."""
    inputs = {name: tf.constant(tf.make_ndarray(value)) for name, value in request.inputs.items()}
    response = predict_pb2.PredictResponse()
    for name, value in model.signatures[request.model_spec.signature_name](**inputs).items():
        response.outputs[name].CopyFrom(tf.make_tensor_proto(value))
    return response


def request(signature, name, value):
    message = predict_pb2.PredictRequest()
    message.model_spec.name = "capi"
    message.model_spec.signature_name = signature
    message.inputs[name].CopyFrom(tf.make_tensor_proto(value))
    return predict_pb2.PredictRequest.FromString(message.SerializeToString())


@pytest.mark.parametrize("signature", ["serving_default", "serving_bytes"])
def test_a_predict_request_is_accepted_and_answered(signature, definitions, model, case):
    if signature == "serving_default":
        message, expected = request(signature, "images", case.images), case.outputs
    else:
        message, expected = request(signature, "image_bytes", files()), java(OUTPUTS_OF_JAVA / "files")
    accept(message, definitions)
    answered = answer(message, model).outputs
    assert_agree({name: tf.make_ndarray(answered[name]) for name in OUTPUTS}, expected)
    for name, info in definitions[signature].outputs.items():
        assert answered[name].dtype == info.dtype
        assert tf.TensorShape(info.tensor_shape).is_compatible_with(tf.TensorShape(answered[name].tensor_shape))


def test_a_request_of_another_type_or_shape_is_not_accepted(definitions, case):
    for value in (case.images.astype(np.float64), case.images[..., :1]):
        with pytest.raises(AssertionError):
            accept(request("serving_default", "images", value), definitions)


def test_the_warm_up_requests_are_records_that_the_signatures_accept(definitions, model):
    # TensorFlow's own reader checks lengths and checksums.
    records = [record.numpy() for record in tf.data.TFRecordDataset(str(WARM_UP))]
    logs = [prediction_log_pb2.PredictionLog.FromString(record) for record in records]
    assert [log.WhichOneof("log_type") for log in logs] == ["predict_log"] * 2
    requests = [log.predict_log.request for log in logs]
    assert {r.model_spec.signature_name for r in requests} == {"serving_default", "serving_bytes"}
    answers = []
    for message in requests:
        accept(message, definitions)
        answers.append(answer(message, model))
    # Both are one black image.
    np.testing.assert_allclose(
        tf.make_ndarray(answers[0].outputs["global"]), tf.make_ndarray(answers[1].outputs["global"]), atol=1e-5
    )


def test_the_readme_has_a_configuration_that_the_server_reads():
    readme = (pathlib.Path(__file__).parents[3] / "README.md").read_text()
    (block,) = [text for text in re.findall(r"^```text\n(.*?)^```$", readme, re.M | re.S) if "model_config_list" in text]
    (config,) = text_format.Parse(block, model_server_config_pb2.ModelServerConfig()).model_config_list.config
    assert (config.name, config.base_path, config.model_platform) == ("photos", "/models/photos", "tensorflow")
    assert config.model_version_policy.latest.num_versions == 1
