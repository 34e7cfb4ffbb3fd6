"""Files that went wrong in programs of this kind end as they should: read with the right values, or refused in one line.

The files are in ../shared/cases; without that folder the tests are skipped.

CAPI        the launcher
CAPI_CASES  another folder of the same form
"""

import io
import json
import os
import pathlib
import shutil
import signal
import subprocess
import tarfile
import tempfile
import time

import numpy as np
import pyarrow as pa
import pyarrow.ipc
import pyarrow.parquet as pq
import pytest
from PIL import Image, ImageOps

CAPI = os.environ["CAPI"]
CASES = pathlib.Path(os.environ.get("CAPI_CASES", pathlib.Path(CAPI).parent / "../shared/cases"))
pytestmark = pytest.mark.skipif(not CASES.is_dir(), reason=f"there is no folder {CASES}")

SECONDS = 10  # for a hostile file, beyond the program's start
MEGABYTES = 512  # for a hostile file, beyond what a good file of its kind takes
LONGEST_MESSAGE = 700


class Ended:
    """How one run of the program ended."""

    def __init__(self, arguments, environment=None, limit=120):
        with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
            started = time.monotonic()
            child = subprocess.Popen(
                [CAPI, *map(str, arguments)], stdout=out, stderr=err, env={**os.environ, **(environment or {})}
            )
            usage = None
            while usage is None:
                pid, status, usage_now = os.wait4(child.pid, os.WNOHANG)
                if pid:
                    usage = usage_now
                elif time.monotonic() - started > limit:
                    child.send_signal(signal.SIGKILL)
                    _, status, usage = os.wait4(child.pid, 0)
                else:
                    time.sleep(0.02)
            child.returncode = self.status = os.waitstatus_to_exitcode(status)
            self.seconds = usage.ru_utime + usage.ru_stime
            self.megabytes = usage.ru_maxrss / 1024
            out.seek(0)
            err.seek(0)
            self.out = out.read().decode()
            self.err = err.read().decode()

    def json(self):
        assert self.status == 0, self.err
        return json.loads(self.out.splitlines()[-1])

    def refused(self, *words):
        """One line of printable text with these words, and no stack trace."""
        assert self.status in (1, 2), (self.status, self.out, self.err)
        lines = [line for line in self.err.splitlines() if line.startswith("capi: ")]
        assert len(lines) == 1, self.err
        assert self.err.splitlines()[-1] == lines[0], self.err
        assert lines[0].isprintable() and len(lines[0]) <= LONGEST_MESSAGE, lines
        assert "Exception" not in self.err and "\tat " not in self.err, self.err
        for word in words:
            assert word.lower() in lines[0].lower(), (word, lines[0])
        return lines[0]


def unpacked(name, folder):
    with tarfile.open(CASES / "data" / name) as archive:
        archive.extractall(folder, filter="data")
    (only,) = folder.iterdir()
    return only


def split(folder):
    """The rows of a split and its description."""
    info = json.loads((folder / "dataset.json").read_text())
    tables = [pa.ipc.open_file(folder / shard["file"]).read_all() for shard in info["shards"]]
    return pa.concat_tables(tables).to_pylist(), info


def splits(dataset):
    return {f.name: split(f) for f in dataset.iterdir() if (f / "dataset.json").exists()}


def labels(rows, info):
    return [None if row["label"] is None else info["classes"][row["label"]] for row in rows]


def imported(kind, path, to, *options, environment=None):
    ended = Ended(["data", "import", "--source", kind, "--from", path, "--to", to, "--json", *options], environment)
    assert ended.status == 0, ended.err
    return ended, splits(to)


def refused_import(kind, path, to, *words, options=()):
    ended = Ended(["data", "import", "--source", kind, "--from", path, "--to", to, *options])
    line = ended.refused(*words)
    left = [p for p in to.rglob("*") if p.is_file()] if to.exists() else []
    assert not left, f"left behind: {left}"
    return ended, line


def folder_of(tmp_path, *files):
    folder = tmp_path / "from"
    (folder / "only").mkdir(parents=True)
    for file in files:
        shutil.copy(file, folder / "only")
    return folder


def good_images(folder, count, start=0):
    folder.mkdir(parents=True, exist_ok=True)
    for i in range(start, start + count):
        pixels = np.random.default_rng(i).integers(0, 256, (16, 16, 3), np.uint8)
        Image.fromarray(pixels).save(folder / f"good{i:03d}.png")


# ---- data


@pytest.mark.parametrize(
    "name", ["webp_lossy_still_green.webp", "webp_anim_first_frame_smaller.webp", "jpeg_xmp_orientation6.jpg"]
)
def test_an_image_has_the_size_that_pillow_shows(name, tmp_path):
    _, found = imported("imagefolder", folder_of(tmp_path, CASES / "data" / name), tmp_path / "to")
    (row,) = found["train"][0]
    with Image.open(CASES / "data" / name) as image:
        assert (row["width"], row["height"]) == ImageOps.exif_transpose(image).size
    assert row["image"] == (CASES / "data" / name).read_bytes()


def test_a_cut_lossless_webp_is_refused(tmp_path):
    refused_import(
        "imagefolder", folder_of(tmp_path, CASES / "data/webp_lossless_cut30.webp"), tmp_path / "to", "webp_lossless_cut30"
    )


def test_a_class_folder_named_train_does_not_hide_its_siblings(tmp_path):
    folder = unpacked("folder_class_named_train.tgz", tmp_path / "a")
    ended = Ended(["data", "import", "--source", "imagefolder", "--from", folder, "--to", tmp_path / "to"])
    if ended.status == 0:
        rows, info = splits(tmp_path / "to")["train"]
        assert sorted(labels(rows, info)) == ["bus", "car", "train", "truck"]
    else:
        ended.refused("--split train")
        _, found = imported("imagefolder", folder, tmp_path / "to2", "--split", "train")
        assert sorted(labels(*found["train"])) == ["bus", "car", "train", "truck"]


def test_valid_is_the_split_val(tmp_path):
    _, found = imported("imagefolder", unpacked("folder_train_valid_test.tgz", tmp_path / "b"), tmp_path / "to")
    assert {name: sorted(labels(*rows)) for name, rows in found.items()} == {
        "train": ["cat", "dog"],
        "val": ["cat", "dog"],
        "test": ["cat", "dog"],
    }


@pytest.mark.parametrize("locale", ["POSIX", "C.UTF-8"])
def test_classes_keep_their_names_in_any_locale(locale, tmp_path):
    folder = unpacked("folder_cjk_classes.tgz", tmp_path / "u")
    _, found = imported("imagefolder", folder, tmp_path / "to", environment={"LC_ALL": locale})
    assert sorted(labels(*found["train"])) == sorted(["犬", "猫"])


def test_folders_of_thumbnails_are_no_classes(tmp_path):
    ended, found = imported("imagefolder", unpacked("folder_eadir.tgz", tmp_path / "e"), tmp_path / "to")
    rows, info = found["train"]
    assert info["classes"] == ["cat", "dog"]
    names = sorted(row["name"] for row in rows)
    assert not [name for name in names if "@eaDir" in name]
    # Found by their signatures, or counted.
    others = {"4.jpg_large", "3.jpg?w=640", "noext"}
    assert others <= {name.split("/")[-1] for name in names} or "3" in ended.err + ended.out


def test_the_prefix_of_a_shard_is_its_split(tmp_path):
    _, found = imported("parquet", unpacked("parquet_train_small.tgz", tmp_path / "p"), tmp_path / "to")
    assert {name: len(rows) for name, (rows, _) in found.items()} == {"train": 4, "train_small": 2, "test_adversarial": 2}


def test_a_missing_shard_is_named(tmp_path):
    ended, found = imported("parquet", unpacked("parquet_one_of_two.tgz", tmp_path / "q"), tmp_path / "to")
    assert len(found["train"][0]) == 4
    assert "00001-of-00002" in ended.err or "of-00002" in ended.err, ended.err


def test_a_git_lfs_pointer_is_named(tmp_path):
    refused_import("parquet", CASES / "data/lfs_pointer.parquet", tmp_path / "to", "Git LFS", "git lfs pull")


@pytest.mark.parametrize("kind, name", [("parquet", "parquet_label_list.parquet"), ("webdataset", "wds_json_label_list.tar")])
def test_lists_of_labels_are_refused_with_the_way_out(kind, name, tmp_path):
    _, line = refused_import(kind, CASES / "data" / name, tmp_path / "to", "--no-labels")
    _, found = imported(kind, CASES / "data" / name, tmp_path / "to2", "--no-labels")
    ((rows, _),) = found.values()
    assert len(rows) >= 3 and all(row["label"] is None for row in rows)


def test_a_hard_linked_label_is_read(tmp_path):
    _, found = imported("webdataset", CASES / "data/wds_hardlinked_cls.tar", tmp_path / "to")
    rows, info = found["train"]
    with tarfile.open(CASES / "data/wds_hardlinked_cls.tar") as tar:
        a, c = (tar.extractfile(name).read().decode().strip() for name in ("a.cls", "c.cls"))
    assert {row["name"].split("/")[-1].split(".")[0]: label for row, label in zip(rows, labels(rows, info))} == {
        "a": a,
        "b": a,
        "c": c,
    }


def test_links_are_read_or_counted(tmp_path):
    ended, found = imported("webdataset", CASES / "data/wds_links_vanish.tar", tmp_path / "to", "--max-skipped", "0.9")
    rows, _ = found["train"]
    names = {row["name"].split("/")[-1].split(".")[0] for row in rows}
    skipped = (tmp_path / "to/train/skipped.tsv").read_text() if (tmp_path / "to/train/skipped.tsv").exists() else ""
    assert {"a", "d"} <= names
    assert all(name in names or f"{name}.jpg" in skipped for name in ("b", "c")), (names, skipped)


@pytest.mark.parametrize("kind", ["webdataset", "archive"])
def test_concatenated_archives_are_read_or_named(kind, tmp_path):
    ended, found = imported(kind, CASES / "data/wds_concatenated.tar", tmp_path / "to")
    rows, _ = found["train"]
    assert len(rows) == 2 or "byte" in ended.err, ended.err


@pytest.mark.parametrize("name, images, without", [("hdr.txt", 31, 0), ("neg.txt", 6, 1)])
def test_a_list_has_classes_in_numeric_order(name, images, without, tmp_path):
    folder = unpacked("list_header_line.tgz", tmp_path / "l")
    ended, found = imported("list", folder / name, tmp_path / "to", "--max-skipped", "0.1")
    rows, info = found["train"]
    assert info["classes"] == sorted(info["classes"], key=int)
    assert len(rows) == images
    found_labels = labels(rows, info)
    assert found_labels.count(None) == without
    for row, label in zip(rows, found_labels):
        if label is not None:
            assert row["name"].endswith(f"{label}.jpg")


def test_label_maps_in_jpeg_are_refused(tmp_path):
    folder = unpacked("seg_jpeg_maps.tgz", tmp_path / "s")
    refused_import("segfolder", folder, tmp_path / "to", "PNG", "masks/0.jpg")


def test_names_in_a_zip_come_from_the_unicode_field(tmp_path):
    _, found = imported("archive", CASES / "data/zip_sjis_unicode_extra.zip", tmp_path / "to")
    assert sorted(labels(*found["train"])) == sorted(["犬", "猫"])


def test_labels_in_a_dictionary_are_read(tmp_path):
    _, found = imported("hf-arrow", CASES / "data/arrow_dictionary_label.arrow", tmp_path / "to")
    rows, info = found["train"]
    with pa.memory_map(str(CASES / "data/arrow_dictionary_label.arrow")) as file:
        table = pa.ipc.open_stream(file).read_all()
    assert labels(rows, info) == table["label"].to_pylist()


# ---- weights


@pytest.fixture(scope="module")
def tiny(tmp_path_factory):
    return weights(CASES / "weights/tiny.pth", tmp_path_factory.mktemp("tiny"))[0]


def weights(file, folder):
    """The bytes of the tensors of an imported file, and the end of the import."""
    ended = Ended(["import-weights", "--from", file, "--to", folder / "model"])
    assert ended.status == 0, ended.err
    Ended(["export-weights", "--model", folder / "model", "--to", folder / "out.safetensors", "--json"]).json()
    return (folder / "out.safetensors").read_bytes(), ended


@pytest.mark.parametrize("name", ["ddp.pth", "compile.pth", "bare.pth", "wrap_model.pth", "lightning.ckpt"])
def test_wrappers_are_seen_through_and_named(name, tiny, tmp_path):
    found, ended = weights(CASES / "weights" / name, tmp_path)
    assert found == tiny
    expected = {
        "ddp.pth": "module.",
        "compile.pth": "_orig_mod.",
        "wrap_model.pth": "model",
        "lightning.ckpt": "state_dict",
    }.get(name, "")
    assert expected in ended.out + ended.err


@pytest.mark.parametrize(
    "name",
    ["extra_bigint", "extra_complex", "extra_counter", "extra_device", "extra_f8", "extra_set", "extra_tuplekey", "extra_uint16"],
)
def test_harmless_extras_are_left_out_and_named(name, tiny, tmp_path):
    found, ended = weights(CASES / "weights" / f"{name}.pth", tmp_path)
    assert found == tiny
    assert "skipped" in ended.out + ended.err, ended.out + ended.err


def test_a_head_of_unsigned_integers_is_left_out(tiny, tmp_path):
    found, ended = weights(CASES / "weights/u32head.safetensors", tmp_path)
    assert found == tiny
    assert "skipped" in ended.out + ended.err, ended.out + ended.err


@pytest.mark.parametrize("name", ["model.safetensors.index.json", "model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors"])
def test_shards_are_read_together(name, tiny, tmp_path):
    found, _ = weights(CASES / "weights" / name, tmp_path)
    assert found == tiny


def test_an_expanded_tensor_is_read_or_named(tmp_path):
    ended = Ended(["import-weights", "--from", CASES / "weights/expanded.pth", "--to", tmp_path / "model"])
    if ended.status:
        assert "'" in ended.refused("expanded.pth") or "backbone." in ended.err


def test_a_training_checkpoint_is_imported_in_seconds(tmp_path):
    _, ended = weights(CASES / "weights/tc_2_2.pth", tmp_path)
    assert ended.seconds < 20, "seconds of CPU, the program's start included"


@pytest.mark.parametrize(
    "name, words",
    [
        ("lfs.pth", ["Git LFS", "git lfs pull"]),
        ("page.pth", ["web page"]),
        ("torchscript.pt", ["TorchScript", "state dict"]),
        ("fsdp2_dtensor.pth", ["DTensor"]),
        ("legacy.pth", ["torch.save"]),
    ],
)
def test_what_is_no_weight_file_is_named(name, words, tmp_path):
    Ended(["import-weights", "--from", CASES / "weights" / name, "--to", tmp_path / "model"]).refused(name, *words)
    assert not (tmp_path / "model").exists()


# ---- hostile files


KINDS = {
    "cyc.arrow": "hf-arrow",
    "dag20.arrow": "hf-arrow",
    "ovf.arrow": "hf-arrow",
    "hf-1-1337-s.arrow": "hf-arrow",
    "hf-1-5586-t.arrow": "hf-arrow",
    "hf-1-73-t.arrow": "hf-arrow",
    "bomb.parquet": "parquet",
    "pax1.tar": "webdataset",
    "pax2.tar": "webdataset",
    "pax4.tar": "webdataset",
    "frames1.gif": "imagefolder",
    "scan100.jpg": "imagefolder",
}


def write_good(kind, folder, count):
    """A file of this kind with a few good images, beside which a hostile one is put."""
    if kind == "imagefolder":
        good_images(folder / "only", count)
        return
    folder.mkdir(parents=True)
    pixels = []
    for i in range(count):
        buffer = io.BytesIO()
        Image.fromarray(np.random.default_rng(i).integers(0, 256, (16, 16, 3), np.uint8)).save(buffer, "PNG")
        pixels.append(buffer.getvalue())
    table = pa.table({"image": [{"bytes": p, "path": f"{i}.png"} for i, p in enumerate(pixels)]})
    if kind == "parquet":
        pq.write_table(table, folder / "good.parquet")
    elif kind == "hf-arrow":
        with pa.OSFile(str(folder / "good.arrow"), "wb") as out, pa.ipc.new_stream(out, table.schema) as stream:
            stream.write_table(table)
    else:
        with tarfile.open(folder / "good.tar", "w") as tar:
            for i, p in enumerate(pixels):
                member = tarfile.TarInfo(f"{i}.png")
                member.size = len(p)
                tar.addfile(member, io.BytesIO(p))


@pytest.fixture(scope="module")
def good_import(tmp_path_factory):
    """What the import of a few good images of each kind takes."""
    ended = {}
    for kind in set(KINDS.values()):
        folder = tmp_path_factory.mktemp(kind)
        write_good(kind, folder / "from", 4)
        ended[kind], found = imported(kind, folder / "from", folder / "to")
        assert len(found["train"][0]) == 4
    return ended


@pytest.mark.parametrize("name", KINDS)
def test_a_hostile_file_is_refused_within_bounds(name, good_import, tmp_path):
    kind = KINDS[name]
    hostile = CASES / "hostile" / name
    path = folder_of(tmp_path, hostile) if kind == "imagefolder" else hostile
    ended = Ended(["data", "import", "--source", kind, "--from", path, "--to", tmp_path / "to"])
    if ended.status:
        ended.refused(name)
        assert not [p for p in (tmp_path / "to").rglob("*") if p.is_file()] if (tmp_path / "to").exists() else True
    within_bounds(ended, good_import[kind])


@pytest.mark.parametrize("name", KINDS)
def test_only_the_hostile_file_is_skipped(name, good_import, tmp_path):
    kind = KINDS[name]
    write_good(kind, tmp_path / "from", 4)
    shutil.copy(CASES / "hostile" / name, (tmp_path / "from/only") if kind == "imagefolder" else tmp_path / "from")
    ended, found = imported(kind, tmp_path / "from", tmp_path / "to", "--on-error", "skip", "--max-skipped", "0.9")
    names = [row["name"] for rows, _ in found.values() for row in rows]
    assert len([n for n in names if name not in n]) >= 4
    skipped = "".join(f.read_text() for f in (tmp_path / "to").rglob("skipped.tsv"))
    assert name in skipped + ended.err or [n for n in names if name in n]
    within_bounds(ended, good_import[kind])


@pytest.mark.parametrize("name", ["depth3k.safetensors", "pathbomb.pth", "metabomb.safetensors", "esc.pth"])
def test_hostile_weights_are_refused_within_bounds(name, tmp_path):
    good = Ended(["import-weights", "--from", CASES / "weights/tiny.pth", "--to", tmp_path / "good"])
    ended = Ended(["import-weights", "--from", CASES / "hostile" / name, "--to", tmp_path / "model"])
    if ended.status:
        ended.refused(name)
        assert not (tmp_path / "model").exists()
    assert (ended.out + ended.err).replace("\n", "").replace("\t", "").isprintable()
    within_bounds(ended, good)


def within_bounds(ended, good):
    assert ended.seconds - good.seconds < SECONDS, ended.seconds
    assert ended.megabytes - good.megabytes < MEGABYTES, ended.megabytes
