"""Fits what `capi bench logistic --save DIR` has written with scikit-learn's lbfgs: a yardstick for speed and for the objective.

    python logistic_sklearn.py DIR --dim 384 --c 1 --tolerance 1e-4

Prints one line of JSON.  Needs scikit-learn.
"""
import argparse
import json
import pathlib
import time

import numpy as np
import sklearn
from sklearn.linear_model import LogisticRegression


def main():
    arg = argparse.ArgumentParser()
    arg.add_argument("folder", type=pathlib.Path)
    arg.add_argument("--dim", type=int, default=384)
    arg.add_argument("--c", type=float, default=1)
    arg.add_argument("--tolerance", type=float, default=1e-4)
    a = arg.parse_args()
    x = np.fromfile(a.folder / "features.f32", dtype="<f4").reshape(-1, a.dim)
    y = np.fromfile(a.folder / "labels.u8", dtype=np.uint8)
    start = time.perf_counter()
    fitted = LogisticRegression(C=a.c, tol=a.tolerance, max_iter=1000, solver="lbfgs").fit(x, y)
    seconds = time.perf_counter() - start
    w = fitted.coef_.astype(np.float64)
    logits = x.astype(np.float64) @ w.T + fitted.intercept_
    logits -= logits.max(axis=1, keepdims=True)
    logits -= np.log(np.exp(logits).sum(axis=1, keepdims=True))
    objective = -logits[np.arange(len(y)), np.searchsorted(fitted.classes_, y)].sum() + (w * w).sum() / (2 * a.c)
    print(json.dumps({"system": "scikit-learn " + sklearn.__version__, "rows": len(y), "dim": a.dim, "c": a.c,
                      "tolerance": a.tolerance, "seconds": round(seconds, 3), "iterations": int(fitted.n_iter_[0]),
                      "objective": float(objective)}))


if __name__ == "__main__":
    main()
