"""Hand sockets down as systemd does, and become the program.

    activate.py FD... -- PROGRAM ARGUMENT...
"""
import os
import sys

split = sys.argv.index("--")
sockets = [int(fd) for fd in sys.argv[1:split]]
# Out of the way first, so that none overwrites another.
high = [os.dup(fd) for fd in sockets]
for i, fd in enumerate(high):
    while fd < 3 + len(high):
        fd = os.dup(fd)
    high[i] = fd
for i, fd in enumerate(high):
    os.dup2(fd, 3 + i, inheritable=True)
os.environ["LISTEN_PID"] = str(os.getpid())
os.environ["LISTEN_FDS"] = str(len(high))
os.execv(sys.argv[split + 1], sys.argv[split + 1:])
