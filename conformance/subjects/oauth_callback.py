"""Waits for the browser that comes back from a consent page, for the shims beside it."""

import http.server
import queue
import threading
from urllib.parse import urlsplit


def wait(redirect_url, seconds, begin):
    """Listens where `redirect_url` says, calls `begin`, and gives the URL that a browser comes with."""
    own = urlsplit(redirect_url)
    came_back = queue.Queue()

    class Callback(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            if urlsplit(self.path).path != own.path:
                self.send_error(404)
                return
            page = b"<!doctype html><title>Done</title><p>You may close this window.</p>"
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.send_header("Content-Length", str(len(page)))
            self.end_headers()
            self.wfile.write(page)
            came_back.put(f"{own.scheme}://{own.netloc}{self.path}")

        def log_message(self, *_):
            pass

    with http.server.ThreadingHTTPServer((own.hostname, own.port), Callback) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        begin()
        try:
            return came_back.get(timeout=seconds)
        except queue.Empty:
            raise TimeoutError("nobody came back from the consent page") from None
        finally:
            server.shutdown()
