"""Runs a program on a kernel that seems to lack something, or with SIGCHLD ignored.

without.py landlock|seccomp|sigchld PROGRAM [ARGUMENTS]...
"""

import ctypes
import os
import platform
import signal
import struct
import sys

PR_SET_NO_NEW_PRIVS, PR_SET_SECCOMP, FILTER = 38, 22, 2
LOAD, EQUAL, RETURN = 0x20, 0x15, 0x06
ALLOW, ERROR = 0x7FFF0000, 0x00050000
ENOSYS, EINVAL = 38, 22
SECCOMP, PRCTL = {"x86_64": (317, 157), "aarch64": (277, 167)}[platform.machine()]
LANDLOCK_CREATE_RULESET = 444


def row(code, number, true=0, false=0):
    return struct.pack("HBBI", code, true, false, number)


def install(rows):
    libc = ctypes.CDLL(None, use_errno=True)
    program = ctypes.create_string_buffer(b"".join(rows))
    head = struct.pack("HxxxxxxP", len(rows), ctypes.addressof(program))
    head = ctypes.create_string_buffer(head)
    assert libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0
    assert libc.prctl(PR_SET_SECCOMP, FILTER, head, 0, 0) == 0, os.strerror(ctypes.get_errno())


what, command = sys.argv[1], sys.argv[2:]
if what == "landlock":
    install([
        row(LOAD, 0),
        row(EQUAL, LANDLOCK_CREATE_RULESET, 0, 1),
        row(RETURN, ERROR | ENOSYS),
        row(RETURN, ALLOW),
    ])
elif what == "seccomp":
    install([
        row(LOAD, 0),
        row(EQUAL, SECCOMP, 3, 0),
        row(EQUAL, PRCTL, 0, 3),
        row(LOAD, 16),
        row(EQUAL, PR_SET_SECCOMP, 0, 1),
        row(RETURN, ERROR | EINVAL),
        row(RETURN, ALLOW),
    ])
elif what == "sigchld":
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
os.execvp(command[0], command)
