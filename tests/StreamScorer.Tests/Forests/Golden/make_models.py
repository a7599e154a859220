"""Makes models with XGBoost and scikit-learn + ONNX, with inputs and the scores that the makers give.

    make_models.py FOLDER [ROWS TREES DEPTH]

Writes xgboost.json, xgboost.ubj, xgboost-dart.json, xgboost-category.json, sklearn-forest.onnx, sklearn-boosting.onnx, and
beside each NAME.csv: the inputs as numbers (empty = missing), the raw score, the probability. The golden files of this
folder were made by it with the defaults; the tests also run it for larger models where the Python packages are installed.
"""
import os
import sys

import numpy as np


def table(rows, seed, missing=0.1):
    random = np.random.default_rng(seed)
    x = random.normal(size=(rows, 6)).astype(np.float32)
    x[:, 1] = np.round(x[:, 1], 1)
    x[:, 2] = random.integers(0, 5, rows)
    logit = x[:, 0] + np.where(x[:, 1] > 0, x[:, 2] - 2, 0) * 0.7 + 0.3 * x[:, 3]
    y = random.random(rows) < 1 / (1 + np.exp(-logit))
    if missing:
        x[random.random(x.shape) < missing] = np.nan
    return x, y.astype(int)


def odd_rows(x):
    """Rows with zeros of both signs, denormals and the largest values of single precision (XGBoost refuses infinities)."""
    rows = x[:40].copy()
    for i, value in enumerate([3.4e38, -3.4e38, 1e-42, -1e-42, 0.0, -0.0, 3e38, -3e38]):
        rows[i, i % 6] = value
    return np.vstack([x[40:80], rows]).astype(np.float32)


def write(folder, name, x, raw, probability):
    with open(os.path.join(folder, name + ".csv"), "w") as file:
        for row, r, p in zip(x, raw, probability):
            cells = ["" if np.isnan(v) else repr(float(v)) for v in row]
            file.write(",".join(cells + [repr(float(r)), repr(float(p))]) + "\n")


def with_xgboost(folder, rows, trees, depth):
    import xgboost as xgb

    x, y = table(rows, 1)
    odd = odd_rows(x)
    options = {"objective": "binary:logistic", "max_depth": depth, "eta": 0.3, "base_score": 0.4, "nthread": 1, "seed": 1}
    data = xgb.DMatrix(x, label=y, feature_names=["a", "b", "c", "d", "e", "f"])
    test = xgb.DMatrix(odd, feature_names=["a", "b", "c", "d", "e", "f"])
    for name, more in [("xgboost", {}), ("xgboost-dart", {"booster": "dart", "rate_drop": 0.3})]:
        booster = xgb.train({**options, **more}, data, trees)
        booster.save_model(os.path.join(folder, name + ".json"))
        if name == "xgboost":
            booster.save_model(os.path.join(folder, name + ".ubj"))
        write(folder, name, odd, booster.predict(test, output_margin=True), booster.predict(test))

    kinds = ["q", "q", "c", "q", "q", "q"]
    finite = odd[np.isnan(odd[:, 2]) | (np.abs(odd[:, 2]) < 5)]
    finite = finite[~(finite[:, 2] < 0) & ~((finite[:, 2] > 0) & (finite[:, 2] < 1)) & ~(finite[:, 2] > 4)]
    booster = xgb.train(
        {**options, "tree_method": "approx", "max_cat_to_onehot": 2},
        xgb.DMatrix(x, label=y, feature_types=kinds, enable_categorical=True), trees)
    booster.save_model(os.path.join(folder, "xgboost-category.json"))
    test = xgb.DMatrix(finite, feature_types=kinds, enable_categorical=True)
    write(folder, "xgboost-category", finite, booster.predict(test, output_margin=True), booster.predict(test))


def with_sklearn(folder, rows, trees, depth):
    from onnx import TensorProto, helper
    from sklearn.ensemble import GradientBoostingClassifier, RandomForestClassifier

    x, y = table(rows, 2, missing=0)
    odd = np.nan_to_num(odd_rows(x))

    def save(name, operator, attributes):
        node = helper.make_node(operator, ["x"], ["label", "scores"][: 2 if "Classifier" in operator else 1],
                                domain="ai.onnx.ml", **attributes)
        outputs = [helper.make_tensor_value_info(o, TensorProto.FLOAT, None) for o in node.output]
        graph = helper.make_graph(
            [node], name, [helper.make_tensor_value_info("x", TensorProto.FLOAT, [None, 6])], outputs)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("ai.onnx.ml", 3)])
        with open(os.path.join(folder, name + ".onnx"), "wb") as file:
            file.write(model.SerializeToString())

    def nodes(estimators, weight):
        lists = {k: [] for k in ("treeids", "nodeids", "featureids", "values", "modes", "truenodeids", "falsenodeids")}
        leaves = []
        for t, estimator in enumerate(estimators):
            tree = estimator.tree_
            for n in range(tree.node_count):
                leaf = tree.children_left[n] < 0
                threshold = np.float32(tree.threshold[n])
                if not leaf and float(threshold) > tree.threshold[n]:
                    threshold = np.nextafter(threshold, np.float32(-np.inf))
                lists["treeids"].append(t)
                lists["nodeids"].append(n)
                lists["featureids"].append(0 if leaf else int(tree.feature[n]))
                lists["values"].append(0.0 if leaf else float(threshold))
                lists["modes"].append("LEAF" if leaf else "BRANCH_LEQ")
                lists["truenodeids"].append(0 if leaf else int(tree.children_left[n]))
                lists["falsenodeids"].append(0 if leaf else int(tree.children_right[n]))
                if leaf:
                    leaves.append((t, n, weight(tree.value[n][0])))
        return {"nodes_" + k: v for k, v in lists.items()}, leaves

    forest = RandomForestClassifier(n_estimators=trees, max_depth=depth, random_state=1).fit(x, y)
    attributes, leaves = nodes(forest.estimators_, lambda v: v / v.sum() / trees)
    save("sklearn-forest", "TreeEnsembleClassifier", {
        **attributes, "post_transform": "NONE", "classlabels_int64s": [0, 1],
        "class_treeids": [t for t, _, _ in leaves for _ in (0, 1)], "class_nodeids": [n for _, n, _ in leaves for _ in (0, 1)],
        "class_ids": [c for _ in leaves for c in (0, 1)], "class_weights": [float(w[c]) for _, _, w in leaves for c in (0, 1)]})
    probability = forest.predict_proba(odd)[:, 1]
    write(folder, "sklearn-forest", odd, probability, probability)

    boosting = GradientBoostingClassifier(n_estimators=trees, max_depth=depth, random_state=1).fit(x, y)
    attributes, leaves = nodes([e[0] for e in boosting.estimators_], lambda v: v[0] * boosting.learning_rate)
    start = float(np.log(y.mean() / (1 - y.mean())))
    save("sklearn-boosting", "TreeEnsembleClassifier", {
        **attributes, "post_transform": "LOGISTIC", "classlabels_int64s": [0, 1], "base_values": [start],
        "class_treeids": [t for t, _, _ in leaves], "class_nodeids": [n for _, n, _ in leaves],
        "class_ids": [0 for _ in leaves], "class_weights": [float(w) for _, _, w in leaves]})
    write(folder, "sklearn-boosting", odd, boosting.decision_function(odd), boosting.predict_proba(odd)[:, 1])


if __name__ == "__main__":
    target = sys.argv[1]
    size = [int(a) for a in sys.argv[2:5]] or [400, 5, 3]
    with_xgboost(target, *size)
    with_sklearn(target, *size)
