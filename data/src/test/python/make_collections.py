"""Small collections of images, written by the tools that people use: datasets, webdataset and pyarrow.

python make_collections.py FOLDER writes all of them. Of each, `expected` tells the rows in their order.
"""

import io
import pathlib
import sys

import datasets
import numpy as np
import pyarrow as pa
import pyarrow.ipc
import pyarrow.parquet as pq
import webdataset as wds
from PIL import Image

NAMES = ["cat", "dog", "emu"]
FORMATS = {"jpg": "JPEG", "png": "PNG", "webp": "WEBP"}
CODECS = ("snappy", "gzip", "zstd", "lz4", "none")
IMAGE = pa.struct([("bytes", pa.binary()), ("path", pa.string())])


def size(i):
    """The width and height of image i."""
    return 8 + i % 5, 6 + i % 3


def encoded(i, suffix):
    rng = np.random.default_rng(i)
    width, height = size(i)
    buffer = io.BytesIO()
    Image.fromarray(rng.integers(0, 256, (height, width, 3), np.uint8)).save(buffer, FORMATS[suffix])
    return buffer.getvalue()


def rows(first, count, suffix="png"):
    """(path, bytes, label) of some images."""
    return [(f"{i:04d}.{suffix}", encoded(i, suffix), i % len(NAMES)) for i in range(first, first + count)]


def dataset(images):
    features = datasets.Features({"image": datasets.Image(), "label": datasets.ClassLabel(names=NAMES)})
    columns = {
        "image": [{"bytes": data, "path": path} for path, data, _ in images],
        "label": [label for _, _, label in images],
    }
    return datasets.Dataset.from_dict(columns, features=features)


def hub(folder):
    (folder / "data").mkdir(parents=True)
    for n in range(2):
        dataset(rows(4 * n, 4, "jpg")).to_parquet(str(folder / f"data/train-0000{n}-of-00002.parquet"), batch_size=2)
    dataset(rows(8, 3, "jpg")).to_parquet(str(folder / "data/validation-00000-of-00001.parquet"))
    # Test sets of the hub often have no labels: -1.
    unlabelled = [(path, data, -1) for path, data, _ in rows(11, 2, "jpg")]
    dataset(unlabelled).to_parquet(str(folder / "data/test-00000-of-00001.parquet"))
    return {"train": rows(0, 8, "jpg"), "val": rows(8, 3, "jpg"), "test": [(p, d, None) for p, d, _ in unlabelled]}


def saved(folder):
    dataset(rows(0, 7)).save_to_disk(str(folder), num_shards=2)
    return {"train": rows(0, 7)}


def saved_splits(folder):
    splits = {"train": dataset(rows(0, 5)), "validation": dataset(rows(5, 3, "jpg"))}
    datasets.DatasetDict(splits).save_to_disk(str(folder))
    return {"train": rows(0, 5), "val": rows(5, 3, "jpg")}


def codec(folder, name):
    (folder / "train").mkdir(parents=True)
    images = rows(0, 9)
    table = pa.table(
        {
            "image": pa.array([{"bytes": data, "path": path} for path, data, _ in images], IMAGE),
            "label": pa.array([NAMES[label] for _, _, label in images]),
            "caption": ["words " * 50] * len(images),
        }
    )
    pq.write_table(table, folder / "train/0000.parquet", compression=name, row_group_size=4)
    return {"train": images}


def large_arrow(folder):
    """The file format, several record batches, 64-bit offsets, class numbers without names."""
    folder.mkdir(parents=True)
    images = rows(0, 9)
    table = pa.table(
        {
            "extra": pa.array([[i, None] for i in range(9)], pa.list_(pa.int32())),
            "image": pa.array([data for _, data, _ in images], pa.large_binary()),
            "label": pa.array([label for _, _, label in images], pa.int8()),
        }
    )
    with pa.ipc.new_file(folder / "some-train.arrow", table.schema) as writer:
        writer.write_table(table, max_chunksize=4)
    return {"train": [("", data, label) for _, data, label in images]}


def tars(folder, suffix, label_part):
    """ShardWriter: several archives; the class as a number, or as text in JSON."""
    folder.mkdir(parents=True)
    images = rows(0, 7, suffix)
    with wds.ShardWriter(str(folder / "set-train-%04d.tar"), maxcount=3, verbose=0) as writer:
        for path, data, label in images:
            part = {"cls": label} if label_part == "cls" else {"json": {"label": label, "class_name": NAMES[label]}}
            writer.write({"__key__": path.split(".")[0], suffix: data, "txt": "a caption", **part})
    return {"train": images}


def packed_tar(folder):
    """TarWriter: one compressed archive, names longer than a header's field."""
    folder.mkdir(parents=True)
    images = rows(0, 4)
    with wds.TarWriter(str(folder / "val.tar.gz")) as writer:
        for path, data, label in images:
            writer.write({"__key__": "deep/" * 30 + path.split(".")[0], "png": data, "cls": NAMES[label]})
    return {"val": images}


def segmentation(folder):
    features = datasets.Features({"image": datasets.Image(), "annotation": datasets.Image()})
    images = rows(0, 3)
    maps = []
    for i in range(3):
        width, height = size(i)
        buffer = io.BytesIO()
        Image.fromarray((np.arange(width * height).reshape(height, width) % 4).astype(np.uint8)).save(buffer, "PNG")
        maps.append({"bytes": buffer.getvalue(), "path": f"{i}.png"})
    columns = {"image": [{"bytes": data, "path": path} for path, data, _ in images], "annotation": maps}
    folder.mkdir(parents=True)
    datasets.Dataset.from_dict(columns, features=features).to_parquet(str(folder / "train-00000-of-00001.parquet"))
    return {"train": [(path, data, None) for path, data, _ in images]}


# By name: the kind of the collection, what writes it, whether its labels have names.
COLLECTIONS = {
    "hub": ("parquet", hub, True),
    "saved": ("hf-arrow", saved, True),
    "saved-splits": ("hf-arrow", saved_splits, True),
    "large-arrow": ("hf-arrow", large_arrow, False),
    "tars-jpg-cls": ("webdataset", lambda folder: tars(folder, "jpg", "cls"), False),
    "tars-png-json": ("webdataset", lambda folder: tars(folder, "png", "json"), True),
    "tars-webp-cls": ("webdataset", lambda folder: tars(folder, "webp", "cls"), False),
    "packed-tar": ("webdataset", packed_tar, True),
    "segmentation": ("parquet", segmentation, False),
    **{f"parquet-{name}": ("parquet", lambda folder, name=name: codec(folder, name), True) for name in CODECS},
}

if __name__ == "__main__":
    for collection, (_, make, _) in COLLECTIONS.items():
        make(pathlib.Path(sys.argv[1]) / collection)
