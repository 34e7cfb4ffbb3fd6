"""A SavedModel that Python's TensorFlow made is evaluated like our own, and what is written is what pyarrow and numpy read.

CAPI the launcher
"""

import json
import os
import pathlib
import subprocess

import keras_vit
import numpy as np
import pyarrow as pa
import pyarrow.ipc
import pyarrow.parquet
import pytest
import tensorflow as tf

CAPI = os.environ["CAPI"]
SIDE = 64  # of the drawn images: whole as they are for segmentation,
CROP = 56  # and their middle for classification, as 56 / 64 = 224 / 256
TRAIN, VAL = 60, 30
EXACT = dict(rtol=0, atol=1e-12)


def run(*arguments):
    return subprocess.run([CAPI, *map(str, arguments)], capture_output=True, text=True)


def capi(*arguments):
    done = run(*arguments)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    folder = tmp_path_factory.mktemp("eval")
    capi("data", "generate", "--to", folder / "set", "--train", TRAIN, "--val", VAL, "--size", SIDE)
    return folder


@pytest.fixture(scope="module")
def model(place):
    return keras_vit.export(place / "vit")


def rows(place, split):
    """The rows of a split of the set."""
    info = json.loads((place / "set" / split / "dataset.json").read_text())
    shards = [pa.ipc.open_file(place / "set" / split / shard["file"]).read_all() for shard in info["shards"]]
    return pa.concat_tables(shards).to_pylist(), info


def encoded(model, place, split, side):
    """What Python's TensorFlow makes of the middle of every image."""
    edge = (SIDE - side) // 2
    images = [tf.io.decode_png(row["image"], 3)[edge : edge + side, edge : edge + side] for row in rows(place, split)[0]]
    return {name: value.numpy() for name, value in model(tf.cast(tf.stack(images), tf.float32) / 255).items()}


def table(file):
    if file.suffix == ".parquet":
        return pa.parquet.read_table(file)
    return pa.ipc.open_file(pa.memory_map(str(file))).read_all()


def features(read):
    return np.array(read["features"].to_pylist(), np.float32)


EMBEDDED = [(kind, "parquet") for kind in ("avg_patch", "global", "both", "registers", "patches")]
EMBEDDED += [(kind, "arrow") for kind in ("avg_patch", "global", "patches")]


@pytest.mark.parametrize("representation, ending", EMBEDDED)
def test_embedded_features_are_those_of_python(place, model, representation, ending):
    file = place / f"{representation}.{ending}"
    capi("embed", "--model", place / "vit", "--data", place / "set:val", "--to", file, f"image_size={CROP}",
         f"representation={representation}")
    read = table(file)
    theirs = encoded(model, place, "val", CROP)
    flat = theirs["feature_map"].reshape(VAL, -1, keras_vit.DIM)
    expected = {
        "global": theirs["global"],
        "avg_patch": flat.mean(axis=1),
        "both": np.concatenate([theirs["global"], flat.mean(axis=1)], axis=1),
        "registers": theirs["registers"].reshape(-1, keras_vit.DIM),
        "patches": flat.reshape(-1, keras_vit.DIM),
    }[representation]
    np.testing.assert_allclose(features(read), expected, rtol=0, atol=2e-5 * np.abs(expected).max())
    of_each = len(expected) // VAL
    images, info = rows(place, "val")
    assert read["name"].to_pylist() == [image["name"] for image in images for _ in range(of_each)]
    assert read["label"].to_pylist() == [image["label"] for image in images for _ in range(of_each)]
    assert json.loads(read.schema.metadata[b"capi.classes"]) == info["classes"]


def embedded(place, split):
    file = place / f"{split}-global.parquet"
    if not file.exists():
        capi("embed", "--model", place / "vit", "--data", place / f"set:{split}", "--to", file, f"image_size={CROP}",
             "representation=global")
    read = table(file)
    return features(read).astype(np.float64), np.array(read["label"].to_pylist())


@pytest.mark.parametrize("k, metric, vote", [(7, "cosine", "weighted"), (3, "l2", "plain")])
def test_knn_names_what_numpy_names(place, model, k, metric, vote):
    (known, labels), (asked, truth) = embedded(place, "train"), embedded(place, "val")
    if metric == "cosine":
        known, asked = (x / np.linalg.norm(x, axis=1, keepdims=True) for x in (known, asked))
    distances = np.linalg.norm(asked[:, None] - known[None], axis=2)
    nearest = np.argsort(distances, axis=1, kind="stable")[:, :k]
    cosines = 1 - np.take_along_axis(distances, nearest, axis=1) ** 2 / 2
    weights = np.exp(cosines / 0.07) if vote == "weighted" else np.ones_like(cosines)
    votes = np.zeros((VAL, labels.max() + 1))
    for i in range(k):
        votes[np.arange(VAL), labels[nearest[:, i]]] += weights[:, i]
    found = json.loads(capi("eval", "knn", "--model", place / "vit", "--train", place / "set", "--test", place / "set:val",
                            "--out", place / "knn", "--json", f"k={k}", f"metric={metric}", f"vote={vote}",
                            f"image_size={CROP}", "representation=global")[-1])
    np.testing.assert_allclose(found["top1"], (votes.argmax(axis=1) == truth).mean(), **EXACT)
    assert (found["train"], found["test"], found["classes"]) == (TRAIN, VAL, 10)


def test_segmentation_scores_what_numpy_scores(place, model):
    k, nothing, patch = 3, 255, keras_vit.PATCH
    found = json.loads(capi("eval", "segment", "--model", place / "vit", "--train", place / "set", "--test",
                            place / "set:val", "--out", place / "segment", "--cache", place / "cache", "--json", f"k={k}",
                            "metric=l2", "c=1", f"image_size={SIDE}")[-1])
    assert [probe["probe"] for probe in found["probes"]] == ["knn", "logistic"]
    assert (found["patch_size"], found["dim"]) == (patch, keras_vit.DIM)

    maps, kept = {}, {}
    for split in ("train", "val"):
        images, info = rows(place, split)
        assert info["ignore_labels"] == [nothing]
        labels = np.stack([tf.io.decode_png(image["label_map"], 1).numpy()[..., 0] for image in images])
        n, cells = len(images), SIDE // patch
        maps[split] = labels.reshape(n, cells, patch, cells, patch).transpose(0, 1, 3, 2, 4).reshape(-1, patch * patch)
        kept[split] = next(
            features(read)
            for read in map(table, (place / "cache").glob("patches-*.arrow"))
            if len(read) == n * cells * cells
        ).astype(np.float64)
        theirs = encoded(model, place, split, SIDE)["feature_map"].reshape(-1, keras_vit.DIM)
        np.testing.assert_allclose(kept[split], theirs, rtol=0, atol=2e-5 * np.abs(theirs).max())

    mean, deviation = kept["train"].mean(axis=0), kept["train"].std(axis=0)
    train, asked = ((kept[split] - mean) / deviation for split in ("train", "val"))
    mode = np.array([np.bincount(row).argmax() for row in maps["train"]])
    train, known = train[mode != nothing], maps["train"][mode != nothing]
    squares = (asked**2).sum(1)[:, None] + (train**2).sum(1)[None] - 2 * asked @ train.T
    nearest = np.argsort(squares, axis=1, kind="stable")[:, :k]
    voted = np.stack([[np.bincount(known[row, pixel]).argmax() for pixel in range(patch * patch)] for row in nearest])
    counts = maps["val"] != nothing
    truth, named = maps["val"][counts], voted[counts]
    unions = [
        ((truth == label) & (named == label)).sum() / ((truth == label) | (named == label)).sum()
        for label in np.union1d(truth, named)
    ]
    np.testing.assert_allclose(found["probes"][0]["mean_iou"], np.mean(unions), **EXACT)
    np.testing.assert_allclose(found["probes"][0]["accuracy"], (truth == named).mean(), **EXACT)
    assert len(list((place / "segment" / "predictions-patches").glob("*-logistic.png"))) == VAL


def test_pictures_probes_and_a_recipe(place, model):
    recipe = place / "recipe.yaml"
    data = f"train: '{place}/set', test: '{place}/set:val'"
    recipe.write_text(f"""
models: ['{place}/vit']
evaluations:
  - {{probe: knn, {data}, representation: avg_patch, k: [1, 5], image_size: {CROP}}}
  - {{probe: probe, {data}, representations: [avg_patch, patches], steps: 3, batch_size: 8, learning_rates: [1], image_size: 48}}
  - {{probe: segment, {data}, k: [1], metric: [l2], c: [1], image_size: {SIDE}}}
  - {{probe: pca, data: '{place}/set:val', images: 3, image_size: 96}}
  - {{probe: dictionary, data: '{place}/set:val', images: 3, image_size: 96}}
""")
    capi("eval", "run", "--recipe", recipe, "--out", place / "all")
    lines = json.loads((place / "all" / "results.json").read_text())
    assert len(lines) == 2 + 4 + 6 and all(0 <= line["value"] <= 1 for line in lines)
    sheet = tf.io.decode_png((place / "all" / "files" / "1-4" / "pca.png").read_bytes())
    patches = 96 // keras_vit.PATCH
    shown = -(-224 // patches) * patches + 8  # the least side of 224 or more with equally wide patches, and a gap
    assert sheet.shape == (3 * shown + 24, 3 * shown + 8, 3) and np.std(sheet.numpy()[:, 250:]) > 10
    assert "data:image/png;base64," in (place / "all" / "report.html").read_text()


def refused(*arguments):
    done = run(*arguments)
    assert done.returncode == 2, done.stderr
    line = done.stderr.splitlines()[-1]
    assert line.startswith("capi: "), done.stderr
    return line


def test_what_cannot_be_evaluated_is_refused_in_one_line(place, model):
    keras_vit.export(place / "two", outputs=("global", "feature_map"))
    data = ("--data", place / "set:val", "--out", place / "refused")
    assert "lacks the output registers; it has feature_map, global" in refused("eval", "pca", "--model", place / "two", *data)
    small = refused("eval", "pca", "--model", place / "vit", *data, "image_size=4")
    assert "the model vit does not take images of 4 x 4 pixels" in small
    odd = refused("eval", "segment", "--model", place / "vit", "--train", place / "set", "--test", place / "set:val",
                  "--out", place / "refused", "image_size=52")
    assert "image_size must be a multiple of the patch" in odd
    assert not pathlib.Path(place / "refused").exists()
