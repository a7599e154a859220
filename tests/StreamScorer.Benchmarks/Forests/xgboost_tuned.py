"""
A tuned python3-xgboost: xgboost_tuned.py FOLDER FEATURES CATEGORICAL TRIALS; CATEGORICAL lists features by number, commas
between. Reads train.f32, train.u8 (labels) and held.f32, tries settings by chance on training rows kept aside, trains the
best on all of them, writes the probabilities of the held rows to held.f64 and prints what was best. Called again with other
rows in the same folder it takes the settings of the first call.
"""
import json
import pathlib
import sys

import numpy
import xgboost

folder, features, trials = sys.argv[1], int(sys.argv[2]), int(sys.argv[4])
categorical = {int(number) for number in sys.argv[3].split(",") if number}
ONE_HOT_MOST = 64


def read(name):
    return numpy.fromfile(f"{folder}/{name}.f32", dtype=numpy.float32).reshape(-1, features)


def encode(rows, training, one_hot):
    """Categories as XGBoost's own, or the commonest ones as columns of 0 and 1."""
    if not one_hot:
        kinds = ["c" if feature in categorical else "q" for feature in range(features)]
        return rows, kinds
    columns = []
    for feature in range(features):
        if feature not in categorical:
            columns.append(rows[:, feature])
            continue
        codes, counts = numpy.unique(training[:, feature], return_counts=True)
        common = codes[numpy.argsort(-counts)][:ONE_HOT_MOST]
        columns += [(rows[:, feature] == code).astype(numpy.float32) for code in common if not numpy.isnan(code)]
    return numpy.column_stack(columns), ["q"] * len(columns)


def matrix(rows, training, one_hot, labels=None):
    table, kinds = encode(rows, training, one_hot)
    return xgboost.DMatrix(table, label=labels, feature_types=kinds, enable_categorical=True)


training, held = read("train"), read("held")
labels = numpy.fromfile(f"{folder}/train.u8", dtype=numpy.uint8).astype(numpy.float32)


def search():
    random = numpy.random.default_rng(1)
    part = random.permutation(len(training)) % 4
    # A quarter of a small table is too few rows to choose by: there every quarter is kept aside once.
    rounds_aside = range(4 if len(training) < 15_000 else 1)
    parts = {}
    best = None
    for trial in range(trials):
        one_hot = bool(random.integers(2))
        if one_hot not in parts:
            parts[one_hot] = [
                [matrix(training[rows], training, one_hot, labels[rows]) for rows in (part != number, part == number)]
                for number in rounds_aside]
        settings = {
            "objective": "binary:logistic", "eval_metric": "auc", "tree_method": "hist", "nthread": 1, "seed": trial,
            "eta": float(random.choice([0.03, 0.06, 0.1])), "max_depth": int(random.integers(3, 9)),
            "min_child_weight": float(2.0 ** random.integers(0, 6)), "subsample": float(random.uniform(0.6, 1)),
            "colsample_bytree": float(random.uniform(0.4, 1)), "lambda": float(10 ** random.uniform(-1, 1.3)),
            "gamma": float(random.choice([0, 0, 0.5, 2])), "max_cat_to_onehot": int(random.choice([1, 8, 64])),
        }
        boosters = [
            xgboost.train(settings, fit, 1500, evals=[(check, "aside")], early_stopping_rounds=50, verbose_eval=False)
            for fit, check in parts[one_hot]]
        score = numpy.mean([booster.best_score for booster in boosters])
        if best is None or score > best[0]:
            best = (score, one_hot, settings, int(numpy.mean([booster.best_iteration + 1 for booster in boosters])))
        print(f"trial {trial + 1} of {trials}: best {best[0]:.4f}", file=sys.stderr, flush=True)
    return best


chosen = pathlib.Path(folder, "chosen.json")
if not chosen.exists():
    chosen.write_text(json.dumps(search()))
score, one_hot, settings, rounds = json.loads(chosen.read_text())
booster = xgboost.train(settings, matrix(training, training, one_hot, labels), rounds)
booster.predict(matrix(held, training, one_hot)).astype(numpy.float64).tofile(f"{folder}/held.f64")
print(json.dumps({"rounds": rounds, "one_hot": one_hot, "depth": settings["max_depth"], "eta": settings["eta"]}))
