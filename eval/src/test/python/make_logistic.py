"""Writes what scikit-learn's logistic regression comes to at every C of the grid, for LogisticGridTest.

    python make_logistic.py ../resources/org/capi/eval/segment/logistic-grid.json

The rows are drawn by integers alone, so that Java draws the same.  Needs scikit-learn; 1.9.1 wrote the file that is there.
"""

import json
import sys

import numpy as np
import sklearn
from sklearn.linear_model import LogisticRegression

ROWS, ASKED, DIM, CLASSES = 1200, 800, 12, 5


def drawn(place):
    """A number from 0 to 1 for each place."""
    x = np.asarray(place, np.uint32)
    for shift, factor in ((16, 0x7FEB352D), (15, 0x846CA68B)):
        x = (x ^ x >> np.uint32(shift)) * np.uint32(factor)
    return (x ^ x >> np.uint32(16)) / 2.0**32


def rows():
    i = np.arange(ROWS + ASKED)
    y = (drawn(i + 1_000_000) * CLASSES).astype(int)
    j = np.arange(DIM)
    noise = drawn(i[:, None] * DIM + j) - 0.5
    centres = drawn(2_000_000 + y[:, None] * DIM + j) - 0.5
    return (4 * noise + centres).astype(np.float32), y


def main():
    x, y = rows()
    x64 = x.astype(np.float64)
    points = []
    for c in 10 ** np.linspace(-6, 5, 8):
        fitted = LogisticRegression(C=c, tol=1e-10, max_iter=10_000, solver="newton-cg").fit(x64[:ROWS], y[:ROWS])
        logits = x64[:ROWS] @ fitted.coef_.T + fitted.intercept_
        logits -= logits.max(axis=1, keepdims=True)
        losses = np.log(np.exp(logits).sum(axis=1)) - logits[np.arange(ROWS), y[:ROWS]]
        objective = losses.sum() + (fitted.coef_**2).sum() / (2 * c)
        named = "".join(map(str, fitted.predict(x64[ROWS:])))
        points.append({"c": float(c), "objective": float(objective), "named": named})
    made = {"scikit_learn": sklearn.__version__, "points": points}
    with open(sys.argv[1], "w") as file:
        file.write(json.dumps(made, indent=1) + "\n")


if __name__ == "__main__":
    main()
