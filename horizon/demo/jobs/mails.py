"""Letters to customers, by SMTP to the catcher that the demo starts.

An address that was mistyped is refused, so its letter fails for good after three tries; slow post takes a letter only
the second time it is brought.
"""

from __future__ import annotations

import logging
from email.message import EmailMessage

from horizon import Job
from horizon.demo import here
from horizon.demo.models import Order, db
from horizon.demo.place import split

SHOP = "Corner Shop <orders@corner-shop.example>"
log = logging.getLogger("shop.mails")


class Letter(Job):
    """A mail about one order."""

    queue = "emails"
    max_tries = 3
    backoff = [2, 5]
    timeout = 20
    tags = ["mail"]
    subject = "Your order {number}"
    text = "Dear {name},\n\nthank you for your order {number} of {total}:\n\n{lines}\n\nYour Corner Shop\n"

    def __init__(self, order_id: int) -> None:
        self.order_id = order_id

    def handle(self) -> dict[str, str]:
        order = db.session.get_one(Order, self.order_id)
        letter = compose(order, self.subject, self.text)
        post(letter)
        log.info("sent %r to %s", letter["Subject"], letter["To"])
        return {"to": letter["To"], "subject": letter["Subject"]}


class OrderConfirmation(Letter):
    """Right after the order."""

    def failed(self, exception: Exception) -> None:
        log.warning("order %d was never confirmed: %s", self.order_id, exception)


class AskForReview(Letter):
    """Some time later."""

    tags = ["mail", "review"]
    subject = "How was your order {number}?"
    text = "Dear {name},\n\nare you happy with these?\n\n{lines}\n\nWe would love to hear from you.\n\nYour Corner Shop\n"


def compose(order: Order, subject: str, text: str) -> EmailMessage:
    """The letter about an order, its texts filled in."""
    lines = "\n".join(f"  {line.quantity} x {line.product.name}  {line.price * line.quantity}" for line in order.lines)
    known = {"number": order.id, "name": order.customer.name, "total": order.total, "lines": lines}
    letter = EmailMessage()
    letter["From"], letter["To"], letter["Subject"] = SHOP, order.customer.email, subject.format(**known)
    letter.set_content(text.format(**known))
    return letter


def post(letter: EmailMessage) -> None:
    """Hand a letter to the mail server. Raises SMTPRecipientsRefused where it does not take the address."""
    import smtplib  # loaded by the first letter: an idle worker stays small

    host, port = split(here.addresses().smtp)
    with smtplib.SMTP(host, port, local_hostname="corner-shop.example", timeout=10) as server:
        server.send_message(letter)
