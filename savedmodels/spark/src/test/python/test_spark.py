"""Spark's own spark-submit runs capi-spark.jar with two executors, and gives what `capi embed` gives.

CAPI        the launcher
CAPI_MODEL  an exported model
CAPI_SPARK  the jar
SPARK_HOMES unpacked distributions of Spark, with colons between them; by default that of the package pyspark
"""

import collections
import importlib.util
import io
import json
import os
import pathlib
import random
import signal
import subprocess
import tarfile
import threading
import time
import zipfile

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from PIL import Image

MODEL = pathlib.Path(os.environ["CAPI_MODEL"])
JAR = pathlib.Path(os.environ["CAPI_SPARK"])
HOMES = os.environ.get("SPARK_HOMES") or importlib.util.find_spec("pyspark").submodule_search_locations[0]
HOMES = [pathlib.Path(home) for home in HOMES.split(":")]
IMAGES = 60
TOLERANCE = 1e-6
SECONDS = 1800  # against endless work only
DESCRIPTION = json.loads((MODEL / "assets.extra/model.json").read_text())
# Images of this height are not resized. Resizing inside the model rounds a few pixels otherwise than `capi embed` does.
HEIGHT = round(DESCRIPTION["serving"]["image_size"] * 256 / 224)


@pytest.fixture(params=HOMES, ids=lambda home: next((home / "jars").glob("spark-core_*")).stem, scope="module")
def home(request):
    return request.param


def encoded(seed, kind):
    random = np.random.default_rng(seed)
    shape = (HEIGHT, HEIGHT + int(random.integers(0, 40)), 3)
    pixels = np.clip(random.integers(0, 256, 3) + random.integers(-40, 40, shape), 0, 255).astype(np.uint8)
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, kind)
    return file.getvalue()


@pytest.fixture(scope="module")
def photos(tmp_path_factory):
    folder = tmp_path_factory.mktemp("photos")
    for i in range(IMAGES):
        to = folder / f"class{i % 3}" / (f"{i:03}.png" if i % 5 == 0 else f"{i:03}.jpg")
        to.parent.mkdir(exist_ok=True)
        to.write_bytes(encoded(i, "PNG" if i % 5 == 0 else "JPEG"))
    return folder


def capi(*command):
    subprocess.run([os.environ["CAPI"], *map(str, command)], check=True)


@pytest.fixture(scope="module")
def dataset(photos, tmp_path_factory):
    to = tmp_path_factory.mktemp("dataset") / "set"
    capi("data", "import", "--source", "imagefolder", "--from", photos, "--to", to)
    return to


@pytest.fixture(scope="module")
def expected(dataset, tmp_path_factory):
    """What `capi embed` writes: a vector for each name."""
    to = tmp_path_factory.mktemp("embed") / "out.parquet"
    capi("embed", "--model", MODEL, "--data", dataset, "--to", to, "representation=global")
    rows = pq.read_table(to).to_pylist()
    return {pathlib.Path(row["name"]).name: np.array(row["features"]) for row in rows}


def start(home, *arguments, master="local-cluster[2,1,2048]"):
    env = dict(os.environ, SPARK_HOME=str(home), SPARK_LOCAL_IP="127.0.0.1", TF_CPP_MIN_LOG_LEVEL="3")
    command = [home / "bin/spark-submit", "--master", master, "--conf", "spark.executor.cores=1", "--conf",
               "spark.ui.enabled=false", "--conf", "spark.sql.files.maxPartitionBytes=60000", "--conf",
               "spark.sql.files.openCostInBytes=5000", "--class", "org.capi.spark.Embed", JAR, *arguments]
    return subprocess.Popen(list(map(str, command)), env=env, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def submit(home, *arguments, **options):
    process = start(home, *arguments, **options)
    out, err = process.communicate(timeout=SECONDS)
    return process.returncode, out, err


def embed(home, images, to, *more):
    status, out, err = submit(home, "--model", MODEL, "--images", images, "--to", to, *more)
    assert status == 0, err[-4000:]
    return out, pq.read_table(to).to_pylist()


def check(rows, expected):
    assert collections.Counter(pathlib.Path(row["name"]).name for row in rows) == collections.Counter(list(expected))
    for row in rows:
        vector = expected[pathlib.Path(row["name"]).name]
        assert row["error"] is None and len(row["model"]) == 64
        assert np.abs(np.array(row["global"]) - vector).max() <= TOLERANCE * max(1, np.abs(vector).max()), row["name"]


def test_nothing_in_the_jar_shadows_a_class_of_spark(home):
    ours = {name for name in zipfile.ZipFile(JAR).namelist() if name.endswith(".class")}
    assert "org/capi/spark/Embed.class" in ours and "org/tensorflow/Session.class" in ours
    for jar in (home / "jars").glob("*.jar"):
        assert ours.isdisjoint(zipfile.ZipFile(jar).namelist()), jar


def test_a_folder_is_encoded_as_embed_does_it(home, photos, expected, tmp_path):
    out, rows = embed(home, photos, tmp_path / "out.parquet", "--with", "registers,patches", "--batch-size", "7")
    assert f"{IMAGES} images encoded, 0 bad" in out
    check(rows, expected)
    assert {row["name"].split("/")[0] for row in rows} == {"class0", "class1", "class2"}
    patches = (DESCRIPTION["serving"]["image_size"] // DESCRIPTION["model"]["patch_size"]) ** 2
    for row in rows:
        assert np.shape(row["patches"]) == (patches, DESCRIPTION["model"]["dim"])
        assert np.shape(row["registers"]) == (DESCRIPTION["model"]["registers"], DESCRIPTION["model"]["dim"])
    assert not (tmp_path / "out.parquet.failed").exists()


def failures(to):
    return {row["name"]: row["error"] for part in pathlib.Path(f"{to}.failed").glob("part-*.json")
            for row in map(json.loads, part.read_text().splitlines())}


def test_bad_images_of_a_parquet_file_are_listed_and_the_others_encoded(home, photos, expected, tmp_path):
    bad = {10: b"hello", 20: b"", 30: encoded(1, "JPEG")[:200], 31: None, 40: encoded(2, "WEBP")}
    images, labels = [], []
    for i, path in enumerate(sorted(photos.rglob("*.*"))):
        if i in bad:
            images.append({"bytes": bad[i], "path": f"bad{i}.jpg"})
            labels.append(-1)
        images.append({"bytes": path.read_bytes(), "path": path.name})
        labels.append(int(path.parent.name[-1]))
    table = pa.table({"image": pa.array(images, pa.struct([("bytes", pa.binary()), ("path", pa.string())])),
                      "label": pa.array(labels, pa.int64())})
    (tmp_path / "data").mkdir()
    pq.write_table(table, tmp_path / "data/train-00000-of-00001.parquet", row_group_size=13)
    out, rows = embed(home, tmp_path / "data", tmp_path / "out.parquet")
    assert f"{IMAGES} images encoded, {len(bad)} bad" in out
    check([row for row in rows if row["error"] is None], expected)
    assert [row["label"] for row in rows if row["name"] == "001.jpg"] == [1]
    assert failures(tmp_path / "out.parquet") == {
        "bad10.jpg": "is not a JPEG, PNG or GIF file",
        "bad20.jpg": "is not a JPEG, PNG or GIF file",
        "bad30.jpg": "is no sound JPEG, PNG or GIF file",
        "bad31.jpg": "is not a JPEG, PNG or GIF file",
        "bad40.jpg": "is a WebP, which is not decoded; JPEG and PNG files are"}
    assert all(row["global"] is None for row in rows if row["error"])


def test_tar_shards_are_encoded_with_their_labels_and_100_bad_files_are_listed(home, photos, expected, tmp_path):
    members = [(path.name, path.read_bytes(), path.parent.name) for path in photos.rglob("*.*")]
    members += [(f"bad{i:03}.jpg", encoded(i, "JPEG")[:100 + i], "bad") for i in range(100)]
    random.Random(1).shuffle(members)
    (tmp_path / "shards/more").mkdir(parents=True)
    shards = ["a.tar", "b.tar", "more/c.tar"]
    names = {}
    for s, shard in enumerate(shards):
        with tarfile.open(tmp_path / "shards" / shard, "w") as tar:
            for name, content, label in members[s::len(shards)]:
                names[f"{shard}/{name}"] = label
                key = name.split(".")[0]
                for part, data in [(f"{key}.json", b"{}"), (name, content), (f"{key}.cls", label.encode())]:
                    member = tarfile.TarInfo(part)
                    member.size = len(data)
                    tar.addfile(member, io.BytesIO(data))
    out, rows = embed(home, tmp_path / "shards", tmp_path / "out.parquet")
    assert f"{IMAGES} images encoded, 100 bad" in out
    check([row for row in rows if row["error"] is None], expected)
    assert {row["name"]: row["label"] for row in rows} == names
    assert failures(tmp_path / "out.parquet") == {
        name: "is no sound JPEG, PNG or GIF file" for name, label in names.items() if label == "bad"}


def test_the_arrow_files_of_an_imported_dataset_are_encoded(home, dataset, expected, tmp_path):
    out, rows = embed(home, dataset, tmp_path / "out.parquet")
    assert f"{IMAGES} images encoded, 0 bad" in out
    check(rows, expected)
    assert all(row["name"].startswith(f"class{row['label']}/") for row in rows)


def executors(driver):
    """The processes below a driver that are executors."""
    listing = subprocess.run(["ps", "-eww", "-o", "pid=,ppid=,args="], capture_output=True, text=True).stdout
    rows = [line.split(None, 2) for line in listing.splitlines()]
    below = {str(driver)}
    for _ in range(10):
        below |= {pid for pid, parent, _ in rows if parent in below}
    return [int(pid) for pid, _, args in rows if pid in below and "CoarseGrainedExecutorBackend" in args]


def test_a_shard_that_is_cut_off_ends_the_job_with_its_name_and_leaves_no_output(home, photos, tmp_path):
    shard = tmp_path / "shards" / "a.tar"
    shard.parent.mkdir()
    with tarfile.open(shard, "w") as tar:
        for path in photos.rglob("*.*"):
            tar.add(path, path.name)
    with open(shard, "r+b") as file:
        file.truncate(100_000)
    status, out, err = submit(home, "--model", MODEL, "--images", shard.parent, "--to", tmp_path / "out.parquet")
    (line,) = [line for line in err.splitlines() if line.startswith("error: ")]
    assert status == 1 and f"cannot read the shard file:{shard}: " in line, err[-4000:]
    assert not (tmp_path / "out.parquet").exists()


def test_a_killed_executor_costs_nothing_but_time(home, photos, expected, tmp_path):
    process = start(home, "--model", MODEL, "--images", photos, "--to", tmp_path / "out.parquet", "--batch-size", "1")
    lines = []
    finished = threading.Event()

    def watch():
        for line in process.stderr:
            lines.append(line)
            if "Finished task" in line:
                finished.set()
        finished.set()

    watching = threading.Thread(target=watch, daemon=True)
    watching.start()
    assert finished.wait(SECONDS)
    killed = executors(process.pid)[:1]
    assert killed, "".join(lines[-50:])
    os.kill(killed[0], signal.SIGKILL)
    out = process.stdout.read()
    assert process.wait(SECONDS) == 0, "".join(lines[-80:])
    watching.join(60)
    assert any("Lost executor" in line or "lost" in line for line in lines)
    assert f"{IMAGES} images encoded, 0 bad" in out
    check(pq.read_table(tmp_path / "out.parquet").to_pylist(), expected)


def test_wrong_input_ends_in_one_line_before_spark_starts(home, photos, tmp_path):
    (tmp_path / "empty").mkdir()
    (tmp_path / "file").write_text("mine")
    other = tmp_path / "other.parquet"
    table = pa.table({"picture": [b"1"], "text": ["a"]})
    pq.write_table(table, other)
    with pa.ipc.new_file(tmp_path / "other.arrow", table.schema) as file:
        file.write_table(table)
    for suffix in "tar", "arrow":
        (tmp_path / f"text.{suffix}").write_text("mine" * 400)
    ok = {"--model": MODEL, "--images": photos, "--to": tmp_path / "to.parquet"}
    cases = [
        ({"--model": tmp_path / "empty"}, "is not a SavedModel of an encoder: it lacks the file saved_model.pb"),
        ({"--images": tmp_path / "nowhere"}, f"no such path of images: {tmp_path}/nowhere"),
        ({"--images": tmp_path / "empty"}, f"no images below {tmp_path}/empty"),
        ({"--images": other}, "has no column image; it has"),
        ({"--images": other, "--column": "text"}, "must be binary or a struct with binary bytes; the file has"),
        ({"--images": tmp_path / "other.arrow"}, "it must have the columns name (text), label (int32) and image (binary)"),
        ({"--images": tmp_path / "text.arrow"}, "text.arrow: it does not begin with ARROW1"),
        ({"--images": tmp_path / "text.tar"}, f"cannot read the shard file:{tmp_path}/text.tar: "),
        ({"--to": tmp_path / "empty"}, "exists already"),
        ({"--to": tmp_path / "file/out"}, "cannot write to"),
        ({"--batch-size": "0"}, "batchSize must be at least 1, was 0"),
        ({"--with": "colours"}, "--with must name registers or patches, was colours"),
        ({"--colour": "red"}, "unknown option --colour"),
    ]
    for change, message in cases if home == HOMES[0] else cases[:1]:
        arguments = [word for pair in {**ok, **change}.items() for word in pair]
        status, out, err = submit(home, *arguments)
        (line,) = [line for line in err.splitlines() if line.startswith("error: ")]
        assert status == 2 and message in line, (change, err[-2000:])
        assert "Exception" not in err and "Running Spark version" not in err, err
    assert not (tmp_path / "to.parquet").exists() and (tmp_path / "file").read_text() == "mine"
