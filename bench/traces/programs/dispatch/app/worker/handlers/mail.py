"""Mails to customers."""

from pathlib import Path

from worker.text import shortened


def handle(job, options):
    said = options.of("mail")
    layout = Path(said["layout"]).read_text()
    mail = compose(job, layout, said["sender"])
    return deliver(mail, job.argument("to"))


def compose(job, layout, sender):
    subject = shortened(job.argument("subject"), 60)
    return layout.format(
        to=job.argument("to"),
        sender=sender,
        subject=subject,
    )


def deliver(mail, receiver):
    _, _, host = receiver.partition("@")
    lines = mail.strip().splitlines()
    return f"{len(lines)} lines to {host}"
