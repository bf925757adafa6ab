"""A shop with payments, as its manual has them; its processes learn from the environment where they are."""

from __future__ import annotations

import logging
from typing import Any

from flask import Flask

from horizon import Horizon, Job, SecureJob, ShouldBeEncrypted
from tests.e2e.worker_app import note

PERMISSIONS = {"ana": {"process_payments"}}


def create_app() -> Flask:
    app = Flask(__name__)
    app.config.update(
        SECRET_KEY="tests only",
        HORIZON_SCHEDULER=False,
        HORIZON_AUTH=lambda request: {"name": "ana", "role": "admin"},
        HORIZON_PERMISSIONS=lambda user: PERMISSIONS.get(user, set()),
    )
    Horizon(app)
    return app


class ProcessPaymentJob(SecureJob):
    max_tries = 1

    def __init__(self, payment_data: dict[str, Any]):
        super().__init__()
        self.payment_data = payment_data
        self.set_sensitive_fields(["payment_data"])
        self.set_required_permissions(["process_payments"])

    def handle(self):
        # Payment data is automatically decrypted
        self.process_payment(self.payment_data)

    def process_payment(self, payment_data: dict[str, Any]) -> None:
        note("paid", len(payment_data["number"]), payment_data["amount"])
        self.log(f"card {payment_data['number']}")
        self.progress(50, f"card {payment_data['number']}")
        if payment_data["amount"] > 100:
            raise ValueError(f"card {payment_data['number']} refused")

    def failed(self, exception: Exception) -> None:
        note("failed", type(exception).__name__)
        raise RuntimeError(f"nor could {self.payment_data['number']} be told")


class ProcessSensitiveDataJob(Job, ShouldBeEncrypted):
    def __init__(self, sensitive_data: str):
        super().__init__()
        self.sensitive_data = sensitive_data

    def handle(self) -> str:
        # Job data is automatically encrypted/decrypted
        logging.getLogger("shop").info("about %s", self.sensitive_data)
        note("processed", len(self.sensitive_data))
        return self.sensitive_data.upper()
