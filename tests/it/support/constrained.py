"""Runs a program under resource limits and system-call filters, as root or not.

constrained.py RULE... -- PROGRAM [ARGUMENT]...

  RLIMIT_FSIZE=0              sets a resource limit, soft and hard
  seccomp=EPERM               has a system call fail
  memfd_secret=KILL           has it end the process (SIGSYS)
  prctl:22=EINVAL             the same where its first argument is this number
  SIGXFSZ=IGNORE              ignores a signal
  user=65534                  becomes this user, without capabilities
"""

import ctypes
import errno
import os
import platform
import resource
import signal
import struct
import sys

PR_SET_NO_NEW_PRIVS, PR_SET_SECCOMP, FILTER = 38, 22, 2
LOAD, EQUAL, RETURN = 0x20, 0x15, 0x06
ALLOW, ERROR, KILL = 0x7FFF0000, 0x00050000, 0x80000000
# Where seccomp_data(2) has the number of the call, and its first argument.
NUMBER, ARGUMENT = 0, 16
CALLS = {
    "x86_64": {"prctl": 157, "seccomp": 317, "prlimit64": 302, "capset": 126, "unshare": 272},
    "aarch64": {"prctl": 167, "seccomp": 277, "prlimit64": 261, "capset": 91, "unshare": 97},
}[platform.machine()] | {
    "landlock_create_ruleset": 444,
    "landlock_add_rule": 445,
    "landlock_restrict_self": 446,
    "memfd_secret": 447,
}


def row(code, number, true=0, false=0):
    return struct.pack("HBBI", code, true, false, number)


def filtered(call, action):
    """A filter for one call, with its first argument or without."""
    name, _, argument = call.partition(":")
    end = [row(RETURN, KILL if action == "KILL" else ERROR | getattr(errno, action))]
    if argument:
        end = [row(LOAD, ARGUMENT), row(EQUAL, int(argument), 0, 1)] + end
    return [row(LOAD, NUMBER), row(EQUAL, CALLS[name], 0, len(end))] + end + [row(RETURN, ALLOW)]


def install(rows):
    libc = ctypes.CDLL(None, use_errno=True)
    program = ctypes.create_string_buffer(b"".join(rows))
    head = struct.pack("HxxxxxxP", len(rows), ctypes.addressof(program))
    head = ctypes.create_string_buffer(head)
    assert libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0
    assert libc.prctl(PR_SET_SECCOMP, FILTER, head, 0, 0) == 0, os.strerror(ctypes.get_errno())


at = sys.argv.index("--")
command = sys.argv[at + 1 :]
rules = [rule.split("=") for rule in sys.argv[1:at]]
# Python itself is to need none of it: filters come last, and limits just before them.
for name, value in rules:
    if name == "user":
        os.setgroups([])
        os.setgid(int(value))
        os.setuid(int(value))
    elif name.startswith("SIG"):
        signal.signal(getattr(signal, name), signal.SIG_IGN)
calls = [rule for rule in rules if rule[0].split(":")[0] in CALLS]
# One that denies filters comes last.
filters = [filtered(*rule) for rule in sorted(calls, key=lambda rule: rule[0].startswith("prctl"))]
for name, value in rules:
    if name.startswith("RLIMIT_"):
        resource.setrlimit(getattr(resource, name), (int(value), int(value)))
for rows in filters:
    install(rows)
# Python ignores these two, and the program is not to inherit that.
for name in ("SIGPIPE", "SIGXFSZ"):
    if [name, "IGNORE"] not in rules:
        signal.signal(getattr(signal, name), signal.SIG_DFL)
os.execvp(command[0], command)
