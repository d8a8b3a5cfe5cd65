#!/usr/bin/python3
"""Install the Debian packages in a clean Debian 12, and live with them.

    scripts/deb && tests/e2e/package.py        as root; needs debootstrap

In build/deb/root (made once by debootstrap, copied anew for each run): install,
start ffd as its user with the configuration that came, feed and ask with ffctl,
compile the C example against libffclient-dev, upgrade to a higher version (whose
model must answer as before), remove (state stays), purge (it goes). There is no
systemd in there: ffd is started as the unit says. Some 3 minutes at first.
"""
import os
import pathlib
import re
import shutil
import subprocess
import sys
import time

TREE = pathlib.Path(__file__).resolve().parents[2]
PLACE = TREE / "build/deb"
CLEAN, ROOT = PLACE / "clean-root", PLACE / "root"
PREFERRED = "http://deb.debian.org/debian"
SERVICE = ["setpriv", "--reuid=ffd", "--regid=ffd", "--clear-groups"]
ADDRESS = "FFD_ADDRESS=unix:/run/ffd/ffd.sock"
ENV = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C.UTF-8",
       "DEBIAN_FRONTEND": "noninteractive",
       **{k: v for k, v in os.environ.items() if k.lower().endswith("_proxy")}}


def say(text):
    print(f"package: {text}", flush=True)


def run(*argv, **more):
    done = subprocess.run([str(a) for a in argv], text=True, env=ENV,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          stdin=subprocess.DEVNULL, check=False, **more)
    if done.returncode:
        sys.exit(f"package: {' '.join(map(str, argv))}: exit "
                 f"{done.returncode}\n{done.stdout[-4000:]}")
    return done.stdout


def inside(*argv):
    return run("chroot", ROOT, *argv)


def clean_root():
    if not (CLEAN / "made").exists():
        say("debootstrap (once)")
        shutil.rmtree(CLEAN, ignore_errors=True)
        run("debootstrap", "--variant=minbase", "bookworm", CLEAN, PREFERRED)
        # What reaches the mirror from here reaches it from in there.
        for name in ("apt.conf", "apt.conf.d", "sources.list",
                     "sources.list.d", "trusted.gpg.d"):
            source = pathlib.Path("/etc/apt") / name
            if source.is_dir():
                shutil.copytree(source, CLEAN / "etc/apt" / name,
                                dirs_exist_ok=True)
            elif source.exists():
                shutil.copy(source, CLEAN / "etc/apt" / name)
        (CLEAN / "made").touch()
    shutil.rmtree(ROOT, ignore_errors=True)
    run("cp", "-a", CLEAN, ROOT)
    # No service may be started by a package in here.
    policy = ROOT / "usr/sbin/policy-rc.d"
    policy.write_text("#!/bin/sh\nexit 101\n")
    policy.chmod(0o755)


def install(version, *names):
    run(TREE / "scripts/deb", "--version", version)
    files = []
    for name in names:
        file = PLACE / "packages" / f"{name}_{version}_amd64.deb"
        shutil.copy(file, ROOT / "root" / file.name)
        files.append(f"/root/{file.name}")
    inside("apt-get", "install", "-y", "--no-install-recommends", *files)


class Service:
    """ffd as ffd.service starts it."""

    def __enter__(self):
        unit = (ROOT / "usr/lib/systemd/system/ffd.service").read_text()
        command = re.search(r"^ExecStart=(.*)$", unit, re.M).group(1).split()
        inside("install", "-d", "-o", "ffd", "-g", "ffd", "/run/ffd")
        self.process = subprocess.Popen(
            ["chroot", str(ROOT), *SERVICE, *command], env=ENV,
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        for _ in range(400):
            done = subprocess.run(
                ["chroot", str(ROOT), "env", ADDRESS, "ffctl", "ping"],
                env=ENV, capture_output=True, check=False)
            if done.returncode == 0:
                return self
            if self.process.poll() is not None:
                break
            time.sleep(0.05)
        sys.exit("package: ffd did not start")

    def __exit__(self, *_):
        self.process.terminate()
        if self.process.wait(60):
            sys.exit("package: ffd did not stop well")


def ffctl(*words):
    return inside("env", ADDRESS, "ffctl", *words)


def main():
    if os.geteuid() != 0 or not shutil.which("debootstrap"):
        sys.exit("package: needs root and debootstrap (scripts/setup --dev)")
    clean_root()
    say("install")
    inside("apt-get", "update", "-qq")
    install("0.1.0", "ffd")
    assert "ffd" in inside("getent", "passwd", "ffd")
    inside("ffd", "--check")
    data = TREE / "tests/data"
    # As many values as the example model takes: of 8 x 8 digits, 49 make four.
    raw = (data / "digits-images-idx3-ubyte").read_bytes()[16:]
    (ROOT / "root/frames").write_bytes(raw[:784 * 100])
    say("start, feed, ask")
    with Service():
        ffctl("feed", "example", "--raw", "/root/frames", "--label", "one",
              "--ack", "durable", "--json")
        ffctl("sleep", "example")
        while '"debt":0' not in ffctl("status", "example", "--json"):
            time.sleep(0.05)
        before = ffctl("status", "example", "--digest", "--json")
    digest = re.search(r'"digest":"([0-9a-f]{32})"', before).group(1)
    say("upgrade")
    install("0.1.1", "ffd")
    assert "0.1.1" in inside("dpkg-query", "-W", "ffd")
    with Service():
        after = ffctl("status", "example", "--digest", "--json")
        answer = ffctl("predict", "example", "--raw", "/root/frames",
                       "--limit", "1", "--json")
    assert digest in after, (before, after)
    assert '"label":"one"' in answer, answer
    say("compile the C example")
    install("0.1.1", "libffclient-dev")
    inside("apt-get", "install", "-y", "--no-install-recommends", "gcc",
           "libc6-dev", "pkg-config")
    shutil.copy(TREE / "clients/examples/feed.c", ROOT / "root")
    inside("sh", "-c", "cd /root && cc feed.c -o feed "
           "$(pkg-config --cflags --libs --static ffclient)")
    (ROOT / "root/m.yaml").write_text(
        "{input: {shape: [4], dtype: f32}, layers: [{dense: 32}]}\n")
    with Service():
        ffctl("create", "m", "--config", "/root/m.yaml")
        assert "rises" in inside("env", ADDRESS, "/root/feed", "m")
    say("remove, and purge")
    inside("apt-get", "remove", "-y", "ffd")
    assert (ROOT / "var/lib/ffd/models/example").exists()
    assert (ROOT / "etc/ffd/ffd.yaml").exists()
    inside("apt-get", "purge", "-y", "ffd")
    for gone in ("var/lib/ffd", "etc/ffd/ffd.yaml", "usr/bin/ffd"):
        assert not (ROOT / gone).exists(), gone
    shutil.rmtree(ROOT)
    say("all held")


if __name__ == "__main__":
    main()
