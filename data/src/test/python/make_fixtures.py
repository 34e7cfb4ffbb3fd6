"""Writes the small files under data/src/test/resources/hub, which the Java tests read without Python.

python make_fixtures.py FOLDER
"""

import pathlib
import sys

import datasets
import pyarrow as pa
import pyarrow.parquet as pq
import webdataset as wds
from make_collections import IMAGE, dataset, rows

folder = pathlib.Path(sys.argv[1])
folder.mkdir(parents=True, exist_ok=True)

# datasets: class names, three row groups, the last image without a label.
images = rows(0, 5)
images[4] = (images[4][0], images[4][1], -1)
dataset(images).to_parquet(str(folder / "train-00000-of-00001.parquet"), batch_size=2)
datasets.DatasetDict({"train": dataset(rows(0, 5)), "test": dataset(images[4:])}).save_to_disk(str(folder / "saved"))

# pyarrow: a row without bytes, one without anything, one without a label; zstd; two row groups.
pq.write_table(
    pa.table(
        {
            "img": pa.array(
                [
                    {"bytes": rows(0, 1)[0][1], "path": None},
                    {"bytes": None, "path": "elsewhere/a.png"},
                    None,
                    {"bytes": rows(3, 1)[0][1], "path": "d.png"},
                ],
                IMAGE,
            ),
            "label": pa.array([7, 8, 9, None], pa.int32()),
        }
    ),
    folder / "nulls.parquet",
    compression="zstd",
    row_group_size=2,
)
pq.write_table(pa.table({"image": [1.5, 2.5], "label": [0, 1]}), folder / "wrong-image.parquet")
pq.write_table(pa.table({"image": [b"x"], "label": [[0, 1]]}), folder / "wrong-label.parquet")
pq.write_table(pa.table({"text": ["a"], "label": [0]}), folder / "no-image.parquet")
pq.write_table(pa.table({"image": [b"x"]}), folder / "brotli.parquet", compression="brotli")
table = pa.table({"image": [data for _, data, _ in rows(0, 3)]})
with pa.ipc.new_file(folder / "file-format.arrow", table.schema) as writer:
    writer.write_table(table, max_chunksize=2)

# webdataset: what can be in a sample.
with wds.TarWriter(str(folder / "set-train-000.tar")) as writer:
    data = [data for _, data, _ in rows(0, 6)]
    writer.write({"__key__": "a/0", "png": data[0], "cls": 3})
    writer.write({"__key__": "a/1", "png": data[1], "cls": "owl"})
    writer.write({"__key__": "a/2", "png": data[2], "json": {"label": 4, "class_name": "elk"}})
    writer.write({"__key__": "a/3", "png": data[3], "json": {"label": 2.5}})
    writer.write({"__key__": "a/4", "cls": 1, "txt": "no image"})
with wds.TarWriter(str(folder / "set-val-000.tar.gz")) as writer:
    writer.write({"__key__": "long/" * 30 + "5", "png": data[5]})
