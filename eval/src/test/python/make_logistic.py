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


def rows(noise_width=4):
    i = np.arange(ROWS + ASKED)
    y = (drawn(i + 1_000_000) * CLASSES).astype(int)
    j = np.arange(DIM)
    noise = drawn(i[:, None] * DIM + j) - 0.5
    centres = drawn(2_000_000 + y[:, None] * DIM + j) - 0.5
    return (noise_width * noise + centres).astype(np.float32), y


def objective(fitted, x, y):
    """The sum of the log-losses and the penalty."""
    logits = x @ fitted.coef_.T + fitted.intercept_
    logits -= logits.max(axis=1, keepdims=True)
    losses = np.log(np.exp(logits).sum(axis=1)) - logits[np.arange(len(y)), y]
    return losses.sum() + (fitted.coef_**2).sum() / (2 * fitted.C)


def separable(noise_width):
    """What rows cost that a hyperplane tells apart: by lbfgs at the tolerance that we use, and at the minimum."""
    x, y = rows(noise_width)
    x, y = x[:ROWS].astype(np.float64), y[:ROWS]
    fits = {"lbfgs": LogisticRegression(C=1e5, tol=1e-5, max_iter=1000, solver="lbfgs").fit(x, y)}
    fits["minimum"] = LogisticRegression(C=1e5, tol=1e-10, max_iter=10_000, solver="newton-cg").fit(x, y)
    made = {"noise_width": noise_width, "c": 1e5}
    for name, fitted in fits.items():
        assert (fitted.predict(x) == y).all(), "these rows are not separable"
        made[name] = {"objective": float(objective(fitted, x, y))}
    return made


def main():
    x, y = rows()
    x64 = x.astype(np.float64)
    points = []
    for c in 10 ** np.linspace(-6, 5, 8):
        fitted = LogisticRegression(C=c, tol=1e-10, max_iter=10_000, solver="newton-cg").fit(x64[:ROWS], y[:ROWS])
        named = "".join(map(str, fitted.predict(x64[ROWS:])))
        cost = objective(fitted, x64[:ROWS], y[:ROWS])
        points.append({"c": float(c), "objective": float(cost), "named": named})
    apart = [separable(width) for width in (0.25, 0.5)]
    made = {"scikit_learn": sklearn.__version__, "points": points, "separable": apart}
    with open(sys.argv[1], "w") as file:
        file.write(json.dumps(made, indent=1) + "\n")


if __name__ == "__main__":
    main()
