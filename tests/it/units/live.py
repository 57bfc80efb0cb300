"""Runs the units of examples/systemd, and a UNIT that `hushed init` wrote, under a systemd of their own:
live.py HUSHED HUSHED.TOML SECRET UNIT.

Needs root. Exits with 0 if all was as it should be, and with 77 where no systemd can be started.
"""
import contextlib, os, select, shutil, signal, socket, subprocess, sys, tempfile, time

HERE = os.path.dirname(os.path.abspath(__file__))
UNITS = os.path.join(HERE, "../../../examples/systemd")
HUSHED, CONFIG, SECRET, UNIT = sys.argv[1:]
DEADLINE = 60
# What the examples leave to whoever uses them: how to reload, and a watchdog.
MORE = "[Service]\nExecReload=/bin/kill -HUP $MAINPID\nWatchdogSec=2s\nRestart=no\n"

# A unit with what doctor is to find.
DOCTOR = """[Service]
Type=oneshot
Environment=HUSHED_REDACT=true
LoadCredential=a/b:/etc/hostname
LoadCredential=good:/etc/hostname
ExecStart=-/usr/local/bin/hushed doctor --config /etc/hushed/app/hushed.toml
"""


def skip(why):
    print(why)
    sys.exit(77)


def equal(got, want):
    if got != want:
        sys.exit(f"{got!r} is not {want!r}")


def put(path, text, mode=0o644):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w") as file:
        file.write(text)
    os.chmod(path, mode)


def files(folder):
    """What the machine has besides its own files."""
    units = f"{folder}/etc/systemd/system"
    shutil.copytree(UNITS, units)
    put(f"{units}/probe.target", "[Unit]\nDescription=Nothing but what a test asks for\n")
    put(f"{units}/hushed-app-redacted.service.d/more.conf", MORE)
    put(f"{units}/doctor.service", DOCTOR)
    unit = open(UNIT).read().replace(os.path.realpath(HUSHED), "/usr/local/bin/hushed")
    # hushed.toml lies where the unit was written.
    unit = unit.replace(os.path.dirname(os.path.realpath(UNIT)), "/etc/hushed/app")
    put(f"{units}/hushed-init.service", unit)
    put(f"{folder}/etc/hushed/app/hushed.toml", open(CONFIG).read())
    put(f"{folder}/etc/hushed/app/client-secret", open(SECRET).read(), 0o600)
    os.mkfifo(f"{folder}/etc/hushed/app/said")
    os.chmod(f"{folder}/etc/hushed/app/said", 0o666)
    os.makedirs(f"{folder}/usr/local/bin")
    for source, name in ((HUSHED, "hushed"), (f"{HERE}/app", "app")):
        shutil.copy(source, f"{folder}/usr/local/bin/{name}")
        os.chmod(f"{folder}/usr/local/bin/{name}", 0o755)


@contextlib.contextmanager
def group():
    """A control group whose descendants are systemd's to make; the command of one who joins it."""
    mounts = [line.split() for line in open("/proc/self/mounts")]
    tops = [mount[1] for mount in mounts if mount[2] == "cgroup2"]
    if not tops:
        skip("there are no control groups of version 2")
    path = f"{tops[0]}/hushed-units-{os.getpid()}"
    try:
        os.mkdir(path)
    except OSError as error:
        skip(f"no control group can be made: {error}")
    try:
        yield path
    finally:
        for place, _, _ in os.walk(path, topdown=False):
            # What was killed leaves its group a little later.
            end = time.monotonic() + DEADLINE
            while os.path.exists(place) and time.monotonic() < end:
                with contextlib.suppress(OSError):
                    os.rmdir(place)


class Machine:
    """A systemd at work."""

    def __init__(self, folder, group):
        inbox = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        name = f"hushed-units-{os.getpid()}"
        inbox.bind("\0" + name)
        inbox.settimeout(DEADLINE)
        unshare = "unshare --pid --mount --uts --ipc --cgroup --fork --kill-child"
        line = f"echo 0 >{group}/cgroup.procs && exec {unshare} sh -e {HERE}/boot.sh {folder}"
        environment = {**os.environ, "NOTIFY_SOCKET": "@" + name}
        run = dict(env=environment, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        self.outer = subprocess.Popen(["sh", "-c", line], **run)
        while True:
            ready = select.select([inbox, self.outer.stderr], [], [], DEADLINE)[0]
            if inbox in ready:
                if "READY=1" in inbox.recv(65536).decode().split("\n"):
                    break
            else:
                words = self.outer.stderr.readline() if ready else "nothing for a minute"
                self.end()
                skip(f"systemd does not start here: {words.strip()}")
        children = open(f"/proc/{self.outer.pid}/task/{self.outer.pid}/children").read()
        self.pid = children.split()[0]
        # Both ends, so that it never ends.
        self.said = os.open(f"/proc/{self.pid}/root/etc/hushed/app/said", os.O_RDWR)
        self.heard = b""

    def run(self, *command, check=True):
        line = ["nsenter", "-t", self.pid, "--all", *command]
        done = subprocess.run(line, timeout=DEADLINE, capture_output=True, text=True)
        if check and done.returncode:
            log = self.run("journalctl", "--no-pager", "-o", "cat", check=False)
            sys.exit(f"{' '.join(command)}: {done.stderr}\n{log}")
        return done.stdout

    def show(self, unit, key):
        return self.run("systemctl", "show", "--value", "-p", key, unit).strip()

    def until(self, unit, key, want):
        """Waits for what systemd is told by others than us."""
        end = time.monotonic() + DEADLINE
        while (have := self.show(unit, key)) != want:
            if time.monotonic() > end:
                sys.exit(f"{unit}: {key} is {have}, not {want}")

    def line(self):
        """What the server says next."""
        while b"\n" not in self.heard:
            if not select.select([self.said], [], [], DEADLINE)[0]:
                sys.exit("the server is silent")
            self.heard += os.read(self.said, 4096)
        line, self.heard = self.heard.split(b"\n", 1)
        return line.decode()

    def end(self):
        self.outer.kill()
        self.outer.wait()


def found(machine, watched, arguments=()):
    """What every server finds."""
    want = ["has 11 bytes", *arguments, "dynamic user True", "credentials infisical-client-secret"]
    want += [f"watchdog {watched}", "writing EROFS"]
    equal([machine.line() for _ in want], want)


def in_exec_mode(machine):
    unit = "hushed-app.service"
    machine.run("systemctl", "start", unit)
    found(machine, False)
    main = machine.show(unit, "MainPID")
    equal(machine.run("cat", f"/proc/{main}/comm"), "app\n")
    machine.run("systemctl", "stop", unit)
    equal(machine.line(), "stopped")
    equal(machine.show(unit, "Result"), "success")


def in_supervise_mode(machine):
    unit = "hushed-app-redacted.service"
    # It comes back when the server has said READY=1, and says what it is about.
    machine.run("systemctl", "start", unit)
    found(machine, True)
    main = machine.show(unit, "MainPID")
    equal(machine.run("cat", f"/proc/{main}/comm"), "hushed\n")
    equal([machine.show(unit, key) for key in ("ActiveState", "StatusText")], ["active", "up"])
    machine.run("systemctl", "reload", unit)
    machine.until(unit, "StatusText", "reloaded")
    machine.until(unit, "ActiveState", "active")
    machine.run("systemctl", "stop", unit)
    equal(machine.line(), "stopped")
    equal(machine.show(unit, "Result"), "success")
    # The server never tells the watchdog anything, so it is ended.
    machine.run("systemctl", "start", unit)
    found(machine, True)
    machine.until(unit, "ActiveState", "failed")
    equal(machine.show(unit, "Result"), "watchdog")
    log = machine.run("journalctl", "--no-pager", "-o", "cat", "-u", unit)
    equal(log.count("the secret is [hushed:NAME]\n"), 2)
    equal("canary" in log, False)


def disk_free(machine):
    """The system-call filter of both units is enough for --disk-free, which would be refused otherwise."""
    for unit in ("hushed-app.service", "hushed-app-redacted.service"):
        path = f"/proc/{machine.pid}/root/etc/systemd/system"
        lines = open(f"{path}/{unit}").read().split("\n")
        start = next(line for line in lines if line.startswith("ExecStart="))
        start = start.replace("hushed run ", "hushed run --disk-free ")
        put(f"{path}/{unit}.d/disk-free.conf", f"[Service]\nExecStart=\n{start}\n")
        machine.run("systemctl", "daemon-reload")
        machine.run("systemctl", "start", unit)
        found(machine, "redacted" in unit)
        machine.run("systemctl", "stop", unit)
        equal(machine.line(), "stopped")
        equal(machine.show(unit, "Result"), "success")


def probe(machine, settings, arguments):
    """Runs hushed in a unit with these settings: its exit code, and what it writes to the journal."""
    path = f"/proc/{machine.pid}/root/etc/systemd/system/probe.service"
    put(path, f"[Service]\nType=oneshot\n{settings}\nExecStart=/usr/local/bin/hushed {arguments}\n")
    machine.run("systemctl", "daemon-reload")
    machine.run("systemctl", "reset-failed", "probe.service", check=False)
    machine.run("systemctl", "start", "probe.service", check=False)
    # Not by a signal: a filter would send SIGSYS, a limit SIGXFSZ.
    equal(machine.show("probe.service", "ExecMainCode") in ("0", "1"), True)
    run = machine.show("probe.service", "InvocationID")
    log = machine.run("journalctl", "--no-pager", "-o", "cat", f"_SYSTEMD_INVOCATION_ID={run}")
    return int(machine.show("probe.service", "ExecMainStatus")), log


def under_filters_and_limits(machine):
    put(f"/proc/{machine.pid}/root/etc/hushed/probe.env", "NAME=canary-probe\n")
    run = "--env-file /etc/hushed/probe.env -- /bin/true"
    # A filter that may not know Landlock, and kills: newer versions of systemd do know it.
    service = "SystemCallFilter=@system-service"
    equal(probe(machine, service, "attest")[0], 1)
    code, log = probe(machine, service, f"run --disk-free {run}")
    equal(code == 0 or code == 125 and "policy denies Landlock" in log, True)
    equal(probe(machine, service, f"run --disk-free=best-effort {run}")[0], 0)
    allowed = f"{service} landlock_create_ruleset landlock_add_rule landlock_restrict_self"
    equal(probe(machine, allowed, f"run --disk-free {run}"), (0, ""))
    for flags in ("", "--redact ", "--init ", "--disk-free "):
        equal(probe(machine, "LimitFSIZE=0", f"run {flags}{run}"), (0, ""))


# Counts SIGTERM, for a second after the first: systemd signals the processes of a unit one after the other.
COUNTER = """
import signal
signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTERM])
print("ready", flush=True)
signal.sigwait([signal.SIGTERM])
count = 1
while signal.sigtimedwait([signal.SIGTERM], 1):
    count += 1
print("signals:", count, flush=True)
"""


def one_sigterm(machine):
    """However systemd signals the unit, the command gets SIGTERM once."""
    put(f"/proc/{machine.pid}/root/etc/hushed/counter.py", COUNTER)
    put(f"/proc/{machine.pid}/root/etc/hushed/probe.env", "NAME=canary-probe\n")
    path = f"/proc/{machine.pid}/root/etc/systemd/system/counter.service"
    for kill in ("control-group", "mixed", "process"):
        for flag in ("--init", "--redact"):
            start = f"/usr/local/bin/hushed run {flag} --env-file /etc/hushed/probe.env -- /usr/bin/python3 /etc/hushed/counter.py"
            put(path, f"[Service]\nType=exec\nKillMode={kill}\nExecStart={start}\n")
            machine.run("systemctl", "daemon-reload")
            machine.run("systemctl", "start", "counter.service")
            run = machine.show("counter.service", "InvocationID")
            log = lambda: machine.run("journalctl", "--no-pager", "-o", "cat", f"_SYSTEMD_INVOCATION_ID={run}")
            while "ready" not in log():
                pass
            machine.run("systemctl", "stop", "counter.service")
            equal(log(), "ready\nsignals: 1\n")
            equal(machine.show("counter.service", "Result"), "success")


def as_init_wrote_it(machine):
    unit = "hushed-init.service"
    machine.run("systemctl", "start", unit)
    # The command's shell expanded ${NAME}, and systemd did not.
    found(machine, False, ["argument of 11 bytes"])
    machine.run("systemctl", "stop", unit)
    equal(machine.line(), "stopped")
    equal(machine.show(unit, "Result"), "success")


def doctor_knows_the_unit(machine):
    machine.run("systemctl", "start", "doctor.service")
    log = machine.run("journalctl", "--no-pager", "-o", "cat", "-u", "doctor.service")
    for words in ("doctor.service: with KillMode=control-group", "systemd passes `good` in", "invalid ID"):
        equal(words in log and words, words)


if os.getuid() != 0 or not os.path.exists("/lib/systemd/systemd"):
    skip("only root can start a systemd, where there is one")
signal.alarm(5 * DEADLINE)
folder = tempfile.mkdtemp(dir="/tmp", prefix="hushed-units-")
try:
    os.mkdir(f"{folder}/mount")
    files(f"{folder}/files")
    with group() as place:
        machine = Machine(folder, place)
        try:
            machine.run("systemctl", "start", "systemd-journald.service")
            in_exec_mode(machine)
            in_supervise_mode(machine)
            disk_free(machine)
            under_filters_and_limits(machine)
            as_init_wrote_it(machine)
            one_sigterm(machine)
            doctor_knows_the_unit(machine)
        finally:
            machine.end()
finally:
    shutil.rmtree(folder)
