import json
import os
import pathlib
import subprocess

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="these tests need PyTorch: see requirements.txt next to them")

CAPI = pathlib.Path(os.environ["CAPI"])
OUTPUTS = ("global", "registers", "feature_map")
TOLERANCE = 1e-5


def run(*arguments):
    return subprocess.run([CAPI, *map(str, arguments)], capture_output=True, text=True)


@pytest.fixture(scope="session")
def capi():
    """Runs a command and returns the JSON that it ends with."""

    def succeed(*arguments):
        done = run(*arguments, "--json")
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout.splitlines()[-1])

    return succeed


@pytest.fixture(scope="session")
def agree(tmp_path_factory):
    """Asserts that a SavedModel in Java computes what a module of PyTorch does."""

    def compare(model, module):
        out = tmp_path_factory.mktemp("outputs")
        root = CAPI.parent
        class_path = f"{root}/train/target/lib/*:{root}/savedmodels/target/test-classes"
        dump = ["java", "-Dorg.bytedeco.javacpp.maxphysicalbytes=0", "-cp", class_path]
        subprocess.run([*dump, "org.capi.savedmodels.interop.DumpOutputs", model, out], check=True, capture_output=True)
        cases = sorted(out.glob("case-*"))
        assert len(cases) >= 3
        for case in cases:
            images = torch.from_numpy(np.load(case / "images.npy")).permute(0, 3, 1, 2)
            with torch.no_grad():
                outputs = module.eval()(images)
            for name, ours in zip(OUTPUTS, outputs, strict=True):
                java = np.load(case / f"{name}.npy")
                assert java.shape == tuple(ours.shape)
                if java.size == 0:  # the registers of a model without any
                    continue
                error = np.abs(java - ours.numpy()).max() / np.abs(java).max()
                print(f"{case.name} {name}: {error:.2e} of the largest value")
                assert error <= TOLERANCE

    return compare
