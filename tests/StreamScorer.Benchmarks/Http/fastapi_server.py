"""The peer of bench http: FastAPI with pydantic validation and an XGBoost model of 100 trees, in one process.

Usage: fastapi_server.py PORT. The model is trained at the start on random rows with the shape of the lead-scoring table:
how fast it answers does not depend on what it has learned.
"""
import sys
from typing import List, Optional

import numpy as np
import uvicorn
import xgboost
from fastapi import FastAPI
from pydantic import BaseModel

NUMERIC = ["total_visits", "total_browsing_time", "avg_listings_viewed_per_session"]
TEXT = ["lead_capture_channel", "referral_source", "last_action", "final_engagement_action", "city", "country", "lead_status_tag"]


class Lead(BaseModel):
    lead_id: Optional[str] = None
    total_visits: Optional[float] = None
    total_browsing_time: Optional[float] = None
    avg_listings_viewed_per_session: Optional[float] = None
    lead_capture_channel: Optional[str] = None
    referral_source: Optional[str] = None
    last_action: Optional[str] = None
    final_engagement_action: Optional[str] = None
    city: Optional[str] = None
    country: Optional[str] = None
    lead_status_tag: Optional[str] = None


class ScoreRequest(BaseModel):
    request_id: str
    leads: List[Lead]


random = np.random.default_rng(42)
rows = random.random((6468, len(NUMERIC) + len(TEXT))).astype(np.float32) * 20
booster = xgboost.train(
    {"max_depth": 6, "objective": "binary:logistic", "nthread": 1},
    xgboost.DMatrix(rows, label=(rows[:, 0] + random.random(6468) * 10 > 15).astype(int)), num_boost_round=100)
codes = {name: {} for name in TEXT}
app = FastAPI()


def encode(lead):
    row = [np.nan if getattr(lead, name) is None else getattr(lead, name) for name in NUMERIC]
    for name in TEXT:
        value = getattr(lead, name)
        row.append(np.nan if value is None else codes[name].setdefault(value, len(codes[name])))
    return row


@app.post("/score")
async def score(request: ScoreRequest):
    probabilities = booster.inplace_predict(np.array([encode(lead) for lead in request.leads], dtype=np.float32))
    return {
        "request_id": request.request_id,
        "scores": [
            {"lead_id": lead.lead_id, "probability": float(p), "score": min(5, int(p * 5) + 1), "tier": "EDCBA"[min(4, int(p * 5))]}
            for lead, p in zip(request.leads, probabilities)
        ],
    }


uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[1]), log_level="error", access_log=False)
