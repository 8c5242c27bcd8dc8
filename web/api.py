"""Answers for machines."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request

router = APIRouter()


@router.get("/health")
def health(request: Request) -> dict[str, Any]:
    """Whether it answers, and how much it knows; "empty" where nothing was ingested yet."""
    summary = request.app.state.service.summary()
    return {
        "status": "ok" if summary.documents else "empty",
        "documents": summary.documents,
        "certifications": summary.certifications,
        "jobs": summary.jobs,
    }
