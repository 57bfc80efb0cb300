"""Plays the service manager: the socket of `sd_notify(3)`, and who is seen to send to it.

systemd.py PROBE SCENARIO; exits with 0 if all was as it should be.
"""
import os, signal, socket, struct, subprocess, sys, tempfile

PROBE = sys.argv[1]

# What a service says: the arguments are the messages, each sent once the one before was received.
SERVICE = """
import os, socket, struct, sys
address = os.environ['NOTIFY_SOCKET'].replace('@', chr(0), 1)
service = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
for text in sys.argv[1:]:
    text = text.replace('SELF', str(os.getpid()))
    if text.startswith('FD'):
        reader, writer = os.pipe()
        rights = (socket.SOL_SOCKET, socket.SCM_RIGHTS, struct.pack('i', writer))
        service.sendmsg([text.encode()], [rights], 0, address)
        os.close(writer)
        print(os.read(reader, 100).decode(), flush=True)
    else:
        service.sendto(text.encode(), address)
"""


def manager():
    directory = tempfile.mkdtemp()
    path = directory + "/notify"
    inbox = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    inbox.bind(path)
    inbox.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
    return inbox, path


def receive(inbox):
    """A message, its sender and its descriptors."""
    text, ancillary, _, _ = inbox.recvmsg(65536, 4096)
    sender, descriptors = None, []
    for _, kind, data in ancillary:
        if kind == socket.SCM_CREDENTIALS:
            sender = struct.unpack("3i", data)[0]
        elif kind == socket.SCM_RIGHTS:
            descriptors = list(struct.unpack(f"{len(data) // 4}i", data))
    return text.decode(), sender, descriptors


def start(path, *command, **more):
    return subprocess.Popen(
        [PROBE, "--plain", "--", *command], env={**os.environ, "NOTIFY_SOCKET": path}, **more
    )


def equal(got, want):
    if got != want:
        sys.exit(f"{got!r} is not {want!r}")


def messages_come_from_the_main_process():
    inbox, path = manager()
    said = ["READY=1", "WATCHDOG=1", "RELOADING=1\nMONOTONIC_USEC=5", "MAINPID=SELF\nSTATUS=on", "STOPPING=1"]
    probe = start(path, sys.executable, "-c", SERVICE, *said)
    for want in [*said[:3], "STATUS=on", said[4]]:
        text, sender, _ = receive(inbox)
        equal((text, sender), (want, probe.pid))
    equal(probe.wait(60), 0)


def descriptors_are_passed_on():
    inbox, path = manager()
    probe = start(path, sys.executable, "-c", SERVICE, "FDSTORE=1", stdout=subprocess.PIPE)
    # The service's own text begins with FD, which has it send one.
    text, sender, descriptors = receive(inbox)
    equal((text, sender, len(descriptors)), ("FDSTORE=1", probe.pid, 1))
    os.write(descriptors[0], b"through")
    os.close(descriptors[0])
    equal(probe.stdout.read(), b"through\n")
    equal(probe.wait(60), 0)


def strangers_are_not_heard():
    inbox, path = manager()
    shell = "echo $NOTIFY_SOCKET; read x; exec \"$@\""
    probe = start(
        path, "sh", "-c", shell, "sh", sys.executable, "-c", SERVICE, "READY=1",
        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    )
    address = probe.stdout.readline().decode().strip()
    equal(address.startswith("@"), True)
    stranger = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    stranger.sendto(b"MAINPID=1", address.replace("@", "\0", 1))
    probe.stdin.write(b"\n")
    probe.stdin.flush()
    equal(receive(inbox)[0], "READY=1")
    equal(probe.wait(60), 0)


def variables_name_the_command():
    script = "exec env LISTEN_PID=$$ WATCHDOG_PID=$$ \"$@\""
    told = "echo $$ $LISTEN_PID $WATCHDOG_PID"
    run = ["sh", "-c", script, "sh", PROBE, "--init", "--", "sh", "-c", told]
    pids = subprocess.run(run, capture_output=True, check=True).stdout.split()
    equal((len(pids), len(set(pids))), (3, 1))
    # What names another process was not meant for us, and is not changed.
    other = {**os.environ, "LISTEN_PID": "1", "WATCHDOG_PID": "x"}
    run = [PROBE, "--init", "--", "sh", "-c", "echo $LISTEN_PID $WATCHDOG_PID"]
    equal(subprocess.run(run, capture_output=True, check=True, env=other).stdout, b"1 x\n")


signal.alarm(180)
globals()[sys.argv[2]]()
