"""Runs a command for which the kernel has no keyring, as in most containers."""

import ctypes
import os
import struct
import sys

# add_key, request_key and keyctl of x86-64; the filter is that of seccomp(2).
CALLS = (248, 249, 250)
EPERM, ALLOW = 0x00050001, 0x7FFF0000
LOAD, EQUAL, RETURN = 0x20, 0x15, 0x06

code = [(LOAD, 0, 0, 0)]
for at, call in enumerate(CALLS):
    code.append((EQUAL, len(CALLS) - at, 0, call))
code += [(RETURN, 0, 0, ALLOW), (RETURN, 0, 0, EPERM)]
program = b"".join(struct.pack("HBBI", *line) for line in code)
buffer = ctypes.create_string_buffer(program)


class Program(ctypes.Structure):
    _fields_ = [("length", ctypes.c_ushort), ("code", ctypes.c_void_p)]


libc = ctypes.CDLL(None, use_errno=True)
fprog = Program(len(code), ctypes.addressof(buffer))
if libc.prctl(38, 1, 0, 0, 0) or libc.prctl(22, 2, ctypes.byref(fprog), 0, 0):
    sys.exit("no seccomp")
os.execv(sys.argv[1], sys.argv[1:])
