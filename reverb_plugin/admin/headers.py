"""The headers of every answer: what a browser may do with the page, and that it keeps none of it."""

from werkzeug.wrappers import Response


def secure(response: Response, frame_ancestors: str) -> None:
    """Lets the page load from itself only, be framed only by ``frame_ancestors``, and be kept nowhere.

    A static file says for itself how long it is kept.
    """
    response.headers["Content-Security-Policy"] = (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        f"form-action 'self'; base-uri 'none'; frame-ancestors {frame_ancestors}"
    )
    response.headers["X-Content-Type-Options"] = "nosniff"
    # Reverb's pages are not told where the shop's admin is. "no-referrer" would take the Origin from our own forms.
    response.headers["Referrer-Policy"] = "same-origin"
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    response.headers.setdefault("Cache-Control", "no-store")
