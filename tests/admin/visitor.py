"""A person at the page of a market's plugin, with the means of a browser without JavaScript."""

import re
from html import unescape

from werkzeug.test import Client

OWN = {"Sec-Fetch-Site": "same-origin"}


class Visitor:
    """Opens pages and presses buttons; an answer that leads on is followed, as a browser does."""

    def __init__(self, plugin):
        self.client = Client(plugin.admin_app(authorize=lambda environ: True))

    def open(self, address, /, **query):
        """The page at this address."""
        return self.client.get(address, query_string=query or None)

    def send(self, address, /, **form):
        """Sends a form; the page it leads to."""
        answer = self.client.post(address, data=form, headers=OWN)
        if answer.status_code == 303:
            return self.client.get(answer.headers["Location"])
        return answer

    def press(self, page, words, **entered):
        """Presses the button with these words; what is entered in its form goes with it."""
        action, fields = find_form(page, words)
        return self.send(action, **fields | entered)


def find_form(page, words):
    """The address and the hidden fields of the form whose button says these words."""
    for action, inner in re.findall(r'<form method="post" action="([^"]*)"[^>]*>(.*?)</form>', page.text, re.DOTALL):
        buttons = re.findall(r"<button[^>]*>(.*?)</button>", inner, re.DOTALL)
        if words in [unescape(button).strip() for button in buttons]:
            hidden = re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)"', inner)
            return unescape(action), {name: unescape(value) for name, value in hidden}
    raise AssertionError(f"no button says {words!r}")


def text_of(page):
    """What a person reads, with blanks made one."""
    without_tags = re.sub(r"<[^>]+>", " ", re.sub(r"<head>.*?</head>", "", page.text, flags=re.DOTALL))
    return re.sub(r"\s+", " ", unescape(without_tags))


def rows_of(page):
    """The rows of the tables, each as what a person reads."""
    return [
        text_of(type("Row", (), {"text": row}))
        for row in re.findall(r"<tr>\s*<t[dh](?! scope=.col).*?</tr>", page.text, re.DOTALL)
    ]
