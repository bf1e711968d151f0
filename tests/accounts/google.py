"""A stand-in for Google: keys of its own, served from an address, and tokens signed with them."""

import json
import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

CLIENT_ID = "shop.apps.googleusercontent.com"
NONCE = "n-0123456789"
KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
OTHER_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)


def key_set(*names):
    public = json.loads(RSAAlgorithm.to_jwk(KEY.public_key()))
    return {"keys": [public | {"kid": name, "use": "sig", "alg": "RS256"} for name in names]}


@contextmanager
def running_google():
    """Serve the keys; yield the server, which counts how often they were fetched."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            self.server.fetches += 1
            body = json.dumps(self.server.answer).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.fetches, server.answer = 0, key_set("first")
    server.address = f"http://127.0.0.1:{server.server_port}/certs"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()


def make_token(*, key=KEY, kid="first", algorithm="RS256", **claims):
    """Sign a token as Google would; a claim of None is left out."""
    now = int(time.time())
    claims = {
        "iss": "https://accounts.google.com",
        "aud": CLIENT_ID,
        "sub": "110169484474386276334",
        "email": "Asha@Example.com",
        "email_verified": True,
        "given_name": "Asha",
        "family_name": "Rao",
        "nonce": NONCE,
        "iat": now,
        "exp": now + 3600,
    } | claims
    claims = {name: value for name, value in claims.items() if value is not None}
    return jwt.encode(claims, key, algorithm=algorithm, headers={"kid": kid})
