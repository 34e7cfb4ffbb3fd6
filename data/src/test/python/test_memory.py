"""The memory that an import takes does not grow with the collection, whatever its kind.

CAPI the launcher
"""

import io
import os
import pathlib
import subprocess
import tarfile
import zipfile

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import webdataset as wds
from make_collections import IMAGE, NAMES, dataset
from PIL import Image

CAPI = os.environ["CAPI"]
FEW, MANY = 600, 3600
HEAP = "-Xmx96m"  # less than the many images' bytes
MOST_GROWTH_MB = 60  # the many images are 255 MB more than the few
PEAK = """
import resource, subprocess, sys
status = subprocess.call(sys.argv[1:])
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
sys.exit(status)
"""


def pictures():
    """Different noisy pictures of about 85 KB."""
    rng = np.random.default_rng(7)
    made = []
    for _ in range(16):
        buffer = io.BytesIO()
        Image.fromarray(rng.integers(0, 256, (200, 240, 3), np.uint8)).save(buffer, "JPEG", quality=90)
        made.append(buffer.getvalue())
    return made


PICTURES = pictures()


def images(count):
    for i in range(count):
        yield f"{i:06d}.jpg", PICTURES[i % len(PICTURES)], i % len(NAMES)


def image_folder(folder, count):
    for name in NAMES:
        (folder / name).mkdir(parents=True)
    for path, data, label in images(count):
        (folder / NAMES[label] / path).write_bytes(data)
    return folder


def list_file(folder, count):
    image_folder(folder, count)
    (folder / "list.tsv").write_text("".join(f"{NAMES[label]}/{path}\t{label}\n" for path, _, label in images(count)))
    return folder / "list.tsv"


def label_maps(folder, count):
    buffer = io.BytesIO()
    Image.fromarray((np.arange(200 * 240).reshape(200, 240) % 5).astype(np.uint8)).save(buffer, "PNG")
    for part in ("images/training", "annotations/training"):
        (folder / part).mkdir(parents=True)
    for path, data, _ in images(count):
        (folder / "images/training" / path).write_bytes(data)
        (folder / "annotations/training" / path.replace("jpg", "png")).write_bytes(buffer.getvalue())
    return folder


def tar(folder, count):
    folder.mkdir()
    with tarfile.open(folder / "images.tar", "w") as archive:
        for path, data, label in images(count):
            header = tarfile.TarInfo(f"{NAMES[label]}/{path}")
            header.size = len(data)
            archive.addfile(header, io.BytesIO(data))
    return folder / "images.tar"


def zip_archive(folder, count):
    folder.mkdir()
    with zipfile.ZipFile(folder / "images.zip", "w") as archive:
        for path, data, label in images(count):
            archive.writestr(f"{NAMES[label]}/{path}", data)
    return folder / "images.zip"


def tars(folder, count):
    folder.mkdir()
    with wds.ShardWriter(str(folder / "set-train-%04d.tar"), maxcount=1000, verbose=0) as writer:
        for path, data, label in images(count):
            writer.write({"__key__": path.split(".")[0], "jpg": data, "cls": label})
    return folder


def parquet(folder, count):
    """One file; the few and the many have row groups of one size, as the hub's have."""
    folder.mkdir()
    schema = pa.schema([("image", IMAGE), ("label", pa.int64())])
    with pq.ParquetWriter(folder / "train-00000-of-00001.parquet", schema) as writer:
        rows = list(images(count))
        for first in range(0, count, 100):
            part = rows[first : first + 100]
            columns = {"image": [{"bytes": d, "path": p} for p, d, _ in part], "label": [label for _, _, label in part]}
            writer.write_table(pa.Table.from_pydict(columns, schema=schema))
    return folder


def arrow(folder, count):
    dataset(list(images(count))).save_to_disk(str(folder), num_shards=1)
    return folder


KINDS = {
    "imagefolder": image_folder,
    "list": list_file,
    "segfolder": label_maps,
    "archive": tar,
    "archive-zip": zip_archive,
    "webdataset": tars,
    "parquet": parquet,
    "hf-arrow": arrow,
}


def peak_mb(kind, make, folder, count):
    """The largest resident memory of an import, in MB, native memory and mapped files included."""
    folder.mkdir()
    source = make(folder / "from", count)
    command = [CAPI, "data", "import", "--source", kind.split("-zip")[0], "--from", source, "--to", folder / "to"]
    done = subprocess.run(
        ["python3", "-c", PEAK, *map(str, command)],
        capture_output=True,
        text=True,
        env={**os.environ, "CAPI_JAVA_OPTS": HEAP},
    )
    assert done.returncode == 0, done.stderr
    subprocess.run(["rm", "-rf", folder], check=True)
    return int(done.stdout.split()[-1]) / 1024


@pytest.mark.parametrize("kind", KINDS)
def test_six_times_the_images_take_no_more_memory(kind, tmp_path):
    few, many = (peak_mb(kind, KINDS[kind], pathlib.Path(tmp_path, str(count)), count) for count in (FEW, MANY))
    print(f"{kind}: {few:.0f} MB for {FEW} images, {many:.0f} MB for {MANY}")
    assert many < few + MOST_GROWTH_MB
