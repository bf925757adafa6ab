"""Encrypted and secured."""

# ruff: noqa
# fmt: off
from horizon import Job, SecureJob, ShouldBeEncrypted

# --- as on the page ---
class ProcessSensitiveData(Job, ShouldBeEncrypted): ...  # at rest and in flight; decrypted just before handle()

class ProcessPayment(SecureJob):                         # encrypted + signed + permissions + redaction
    def __init__(self, payment_data: dict):
        super().__init__()
        self.payment_data = payment_data
        self.set_sensitive_fields(["payment_data"])      # masked in dashboard, API, logs and exception text
        self.set_required_permissions(["process_payments"])
# --- what the page leaves out ---
    def handle(self): seen.append(self.payment_data)

class Payslip(ProcessSensitiveData):
    def __init__(self, amount: int): self.amount = amount
    def handle(self): seen.append(self.amount)

seen = []
ids = [ProcessPayment({"number": "4111"}).for_user("ana").dispatch(), Payslip(3000).dispatch()]
