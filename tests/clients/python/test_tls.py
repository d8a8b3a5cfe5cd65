"""TLS: verified always, with a token or a certificate of the client's."""
import asyncio
import re
import subprocess

import numpy as np
import pytest

import ffd
from harness import FFD, environment, small_model


def openssl(folder, *words):
    subprocess.run(["openssl", *words], cwd=folder, check=True,
                   capture_output=True, timeout=60)


@pytest.fixture
def keys(tmp_path):
    """An authority, and what it signed: server and client."""
    new = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes")
    openssl(tmp_path, "req", "-x509", *new, "-days", "2", "-subj", "/CN=ca",
            "-keyout", "ca.key", "-out", "ca.pem")
    for name in ("server", "client"):
        openssl(tmp_path, "req", *new, "-subj", f"/CN={name}", "-keyout",
                f"{name}.key", "-out", f"{name}.csr")
        (tmp_path / "ext").write_text("subjectAltName=IP:127.0.0.1\n")
        openssl(tmp_path, "x509", "-req", "-in", f"{name}.csr", "-CA",
                "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "2",
                "-extfile", "ext", "-out", f"{name}.pem")
        (tmp_path / f"{name}.key").chmod(0o600)
    return tmp_path


def address_of(d):
    port = re.search(r"listening on tls:\S+, port (\d+)", d.log()).group(1)
    return f"tls:127.0.0.1:{port}"


def guarded(daemon, keys, tmp_path, **more):
    made = subprocess.run([FFD, "--new-token", "feed"], text=True,
                          capture_output=True, check=True, env=environment())
    tokens = tmp_path / "tokens"
    tokens.write_text(made.stdout)
    tokens.chmod(0o600)
    token = tmp_path / "token"
    token.write_text(made.stderr.split()[-1] + "\n")
    token.chmod(0o600)
    d = daemon({"m": small_model()}, tokens=str(tokens), listen=[
        f"unix:{tmp_path}/s", "tcp:127.0.0.1:0", "tls:127.0.0.1:0"],
        tls={"certificate": str(keys / "server.pem"),
             "key": str(keys / "server.key"), **more})
    return d, str(token)


@pytest.fixture
def daemon(daemon):
    """The socket must be where the harness looks."""
    def start(models, listen, **top):
        from harness import Daemon
        d = Daemon(models)
        listen[0] = f"unix:{d.socket}"
        d.configure(models, listen=listen, **top)
        made.append(d.start())
        return d
    made = []
    yield start
    for d in made:
        d.stop()
        d.remove()


def test_a_token_opens_and_the_certificate_is_verified(daemon, keys, tmp_path):
    d, token = guarded(daemon, keys, tmp_path)
    ca = str(keys / "ca.pem")
    x = np.zeros((8, 8), np.uint8)
    with ffd.connect(address_of(d), ca=ca, token_file=token) as c:
        assert c.learn("m", x, "0").seq == 1
        c.learn_many("m", np.zeros((300, 8, 8), np.uint8), ["0"] * 300)
        assert c.predict("m", x, fresh=True).label == "0"
        assert c.predict("m", x).label == "0"
    with pytest.raises(ffd.Disconnected, match="(?i)certificate"):
        ffd.connect(address_of(d), token_file=token, timeout=5)

    async def main():
        async with await ffd.aio.connect(address_of(d), ca=ca,
                                         token_file=token) as c:
            assert (await c.status("m")).seq == 301
    asyncio.run(asyncio.wait_for(main(), 30))


def test_a_certificate_of_the_client_is_shown(daemon, keys, tmp_path):
    d, token = guarded(daemon, keys, tmp_path,
                       client_ca=str(keys / "ca.pem"))
    files = {"ca": str(keys / "ca.pem"), "token_file": token}
    with ffd.connect(address_of(d), cert=str(keys / "client.pem"),
                     key=str(keys / "client.key"), **files) as c:
        assert c.learn("m", np.zeros((8, 8), np.uint8), "0").seq == 1
    with pytest.raises(ffd.Disconnected):
        ffd.connect(address_of(d), timeout=2, **files)
