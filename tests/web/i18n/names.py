"""What people and code have named in the scenes of tests/web/sights.py: nobody's to translate."""

from __future__ import annotations

_WORDS = """
    Horizon Deutsch job pt begun done English ana otto acme shop bea emails invoices reports flows renders letters default held
    data images high low Invoice Newsletter Transform Join Load Sweep Clean Orders Prices Stock Alarm Extract Letters Report Notify
    Thumbnail Webhook Catch Then nightly report clean up old import late gone night catalogue nobody user nestled handle sendmail
    run deliver fetch get sku count lines paid note order subject rows day path year true null Pay Announce Progress Timeout
    nothing state soon set id text
"""
NAMES = frozenset(_WORDS.split())
"""Single words."""
_PIECES = """
    script alert img src onerror onerro one amp am lert ab new line ne red evil plain list nested deep at failed cancelled by cannot import
"""
PIECES = frozenset(_PIECES.split())
"""Pieces of what breaks out in the nasty scene, and of what is said beside it where the whole is not told for its sake."""
SAYINGS: tuple[str, ...] = (
    "Failed mails failed", "Tenant 7 failed", "tag:Slow ones failed", "every 30s", "asked the bank", "cancelled by a duplicate at", "is one of open, running, completed, failed, cancelled; got",
    "or took:<200ms",
    "the supplier asked for it", "the supplier a…or it", "the supplier's API is down", "a duplicate", "the sale is over", "Connection unexpectedly closed",
    "Failed mails", "Slow ones", "Tenant 7", "Failed mails failed", "Tenant 7 failed", "tag:Slow ones failed", "every 30s", "asked the bank", "the bank", "rendering order_confirmation for order 4127", "connection lost", "rows so far",
    "Your order 4127", "opened spring.csv", "it was cancelled", "cannot import shop.images", "and jobs wait there.", "Start a worker for it.", "queue emails", "send-email user:ana", "shop.jobs:Render, at once",
    "smtp.example.com answers slowly", "INFO begun", "INFO done", "rows 7,463 of 18,204", "tag:", "Every job that pays", "nothing is called so", "Expecting value",
)  # fmt: skip
"""Reasons, messages and names of several words."""
