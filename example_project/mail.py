"""Mails in the terminal, as people read them: the text alone, with links that can be clicked."""

from django.core.mail import EmailMessage
from django.core.mail.backends import console


class EmailBackend(console.EmailBackend):
    """Django's own prints mails as they travel, with the HTML beside the text, and with the marks of encodings."""

    def write_message(self, message: EmailMessage) -> None:
        recipients = ", ".join(message.recipients())
        self.stream.write(f"To: {recipients}\nSubject: {message.subject}\n\n{message.body}\n{'-' * 79}\n")
