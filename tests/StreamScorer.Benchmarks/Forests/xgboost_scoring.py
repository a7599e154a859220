"""Times python3-xgboost: xgboost_scoring.py MODEL.json ROWS.f32 FEATURES; prints microseconds per row for each batch size."""
import sys
import time

import numpy
import xgboost

model, rows, features = sys.argv[1], sys.argv[2], int(sys.argv[3])
booster = xgboost.Booster({"nthread": 1}, model_file=model)
booster.set_param({"nthread": 1})
table = numpy.fromfile(rows, dtype=numpy.float32).reshape(-1, features)
for batch in (55, 100_000):
    data = numpy.resize(table, (max(batch, 5_500), features))
    for _ in range(3):
        booster.inplace_predict(data[:batch])
    times = []
    for repeat in range(5):
        start = time.perf_counter()
        calls = 0
        while time.perf_counter() - start < 0.2:
            first = (calls * batch) % (len(data) - batch + 1)
            booster.inplace_predict(data[first:first + batch])
            calls += 1
        times.append((time.perf_counter() - start) / calls / batch)
    print(batch, sorted(times)[2] * 1e6)
