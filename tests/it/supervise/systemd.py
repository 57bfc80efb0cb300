"""Plays the service manager: the socket of `sd_notify(3)`, and who is seen to send to it.

systemd.py PROBE SCENARIO; exits with 0 if all was as it should be.
"""
import os, shutil, signal, socket, struct, subprocess, sys, tempfile

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


def descriptors_are_relayed():
    inbox, path = manager()
    probe = start(path, sys.executable, "-c", SERVICE, "FDSTORE=1", stdout=subprocess.PIPE)
    # The service's own text begins with FD, which has it send one.
    text, sender, descriptors = receive(inbox)
    equal((text, sender, len(descriptors)), ("FDSTORE=1", probe.pid, 1))
    os.write(descriptors[0], b"through")
    os.close(descriptors[0])
    equal(probe.stdout.read(), b"through\n")
    equal(probe.wait(60), 0)


def messages_of_other_processes_are_dropped():
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


def hidden(mount, *before):
    """A command that is not dumpable, and says so where the kernel does not show it to us."""
    inbox, path = manager()
    shutil.copy(PROBE, os.path.dirname(path) + "/probe")
    os.chmod(os.path.dirname(path), 0o755)
    os.chmod(path, 0o777)
    silent = "import ctypes; ctypes.CDLL(None).prctl(4, 0, 0, 0, 0)\n" + SERVICE
    setup = f"{mount} && echo mounted && exec \"$@\""
    unshare = ["unshare", "--mount", *([] if os.getuid() == 0 else ["--map-root-user"])]
    line = [*unshare, "sh", "-c", setup, "sh", *before, os.path.dirname(path) + "/probe", "--plain", "--"]
    # One that others may execute.
    python = "/usr/bin/python3" if os.path.exists("/usr/bin/python3") else sys.executable
    command = [python, "-c", silent, "READY=1"]
    environment = {**os.environ, "NOTIFY_SOCKET": path}
    probe = subprocess.run([*line, *command], env=environment, capture_output=True, text=True)
    if not probe.stdout.startswith("mounted"):
        print(f"{mount}: {probe.stderr.strip()}")
        sys.exit(77)
    equal((probe.returncode, probe.stderr), (0, ""))
    inbox.setblocking(False)
    equal(receive(inbox)[0], "READY=1")


def messages_are_relayed_without_proc():
    hidden("mount -t tmpfs tmpfs /proc")


def messages_of_an_undumpable_command_are_relayed_with_hidden_proc():
    if os.getuid() != 0:
        print("only root can mount /proc with hidepid, and be somebody else then")
        sys.exit(77)
    mount = "mount -t proc -o hidepid=2 proc /proc"
    hidden(mount, "setpriv", "--reuid=65534", "--regid=65534", "--clear-groups")


def a_main_process_named_by_pidfd_is_removed():
    inbox, path = manager()
    service = """
import os, socket, struct
address = os.environ['NOTIFY_SOCKET'].replace('@', chr(0), 1)
service = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
for process in os.getpid(), os.getppid():
    rights = (socket.SOL_SOCKET, socket.SCM_RIGHTS, struct.pack('i', os.pidfd_open(process)))
    service.sendmsg([b'MAINPIDFD=1\\nSTATUS=on'], [rights], 0, address)
"""
    probe = start(path, sys.executable, "-c", service)
    # The command's claim is removed; that of any other process is not the relay's concern.
    for want in ("STATUS=on", 0), ("MAINPIDFD=1\nSTATUS=on", 1):
        text, _, descriptors = receive(inbox)
        equal((text, len(descriptors)), want)
    equal(probe.wait(60), 0)


def variables_name_the_command():
    names = ["LISTEN_PID", "WATCHDOG_PID", "SYSTEMD_EXEC_PID", "LISTEN_PIDFDID"]
    # Before Linux 6.9 all pidfds have one inode number, and no variable holds it.
    own = "import os; inode = str(os.fstat(os.pidfd_open(os.getpid())).st_ino); own = [str(os.getpid())] * 3 + [inode]"
    before = f"{own}; import sys; os.execve(sys.argv[1], sys.argv[1:], {{**os.environ, **dict(zip({names}, own))}})"
    after = f"{own}; print([os.environ[name] == value for name, value in zip({names}, own)])"
    python = [sys.executable, "-c"]
    run = [*python, before, PROBE, "--init", "--", *python, after]
    told = subprocess.run(run, capture_output=True, check=True).stdout
    release = tuple(map(int, os.uname().release.split(".")[:2]))
    equal(told.decode().strip(), str([True, True, True, release >= (6, 9)]))
    # What names another process was not meant for us, and is not changed.
    other = {**os.environ, **dict(zip(names, ["1", "x", "2", "3"]))}
    run = [PROBE, "--init", "--", *python, f"import os; print(*(os.environ[name] for name in {names}))"]
    equal(subprocess.run(run, capture_output=True, check=True, env=other).stdout, b"1 x 2 3\n")


signal.alarm(180)
globals()[sys.argv[2]]()
