"""Collections written by datasets, webdataset and pyarrow are imported, and the shards are read back by pyarrow.

CAPI the launcher
"""

import io
import json
import os
import pathlib
import subprocess

import google_crc32c
import pyarrow as pa
import pyarrow.ipc
import pytest
from make_collections import COLLECTIONS, NAMES
from PIL import Image

CAPI = os.environ["CAPI"]


def capi(*arguments):
    done = subprocess.run([CAPI, *map(str, arguments)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def read(split):
    """The rows of a split, and its description."""
    info = json.loads((split / "dataset.json").read_text())
    tables = []
    for shard in info["shards"]:
        file = split / shard["file"]
        assert google_crc32c.value(file.read_bytes()) == shard["crc32c"], shard
        tables.append(pa.ipc.open_file(file).read_all())
    return pa.concat_tables(tables).to_pylist(), info


@pytest.fixture(scope="module", params=COLLECTIONS)
def imported(request, tmp_path_factory):
    kind, make, named = COLLECTIONS[request.param]
    folder = tmp_path_factory.mktemp(request.param)
    expected = make(folder / "from")
    capi("data", "import", "--source", kind, "--from", folder / "from", "--to", folder / "to", "--json")
    found = {split: read(folder / "to" / split) for split in expected}
    assert sorted(found) == sorted(p.name for p in (folder / "to").iterdir() if (p / "dataset.json").exists())
    return request.param, expected, found, named


def test_every_image_arrives_byte_for_byte_in_order(imported):
    _, expected, found, _ = imported
    for split, images in expected.items():
        rows, info = found[split]
        assert [row["image"] for row in rows] == [data for _, data, _ in images]
        assert info["images"] == len(images)
        for row in rows:
            assert google_crc32c.value(row["image"]) == row["crc32c"]
            assert Image.open(io.BytesIO(row["image"])).size == (row["width"], row["height"])


def test_names_are_unique_and_end_as_they_did(imported):
    _, expected, found, _ = imported
    for split, images in expected.items():
        names = [row["name"] for row in found[split][0]]
        assert len(set(names)) == len(names)
        for name, (path, _, _) in zip(names, images):
            assert name.endswith(path)


def test_labels_mean_what_they_meant(imported):
    _, expected, found, named = imported
    for split, images in expected.items():
        rows, info = found[split]
        for row, (_, _, label) in zip(rows, images):
            if label is None:
                assert row["label"] is None
            else:
                assert info["classes"][row["label"]] == (NAMES[label] if named else str(label))


def test_label_maps_come_along(imported):
    name, _, found, _ = imported
    maps = [row["label_map"] for rows, _ in found.values() for row in rows]
    if name == "segmentation":
        for label_map, row in zip(maps, found["train"][0]):
            image = Image.open(io.BytesIO(label_map))
            assert image.size == (row["width"], row["height"])
            assert list(image.tobytes()) == [i % 4 for i in range(row["width"] * row["height"])]
    else:
        assert maps == [None] * len(maps)
