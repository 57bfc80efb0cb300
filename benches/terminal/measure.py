"""Measures what `hushed run --redact` costs at a terminal: the echo of a key, a start, memory.

measure.py HUSHED ROUNDS [EARLIER_HUSHED]; prints medians and ratios, and fails on none.
"""
import os, pty, secrets, select, signal, statistics, string, sys, tempfile, time

HUSHED, ROUNDS, EARLIER = sys.argv[1], int(sys.argv[2]), sys.argv[3:]
SECRETS = 300

# A program that echoes each key itself, as one with a line editor does.
EDITOR = """
import os, sys, termios, tty
tty.setcbreak(0)
modes = termios.tcgetattr(0)
modes[3] &= ~termios.ECHO
termios.tcsetattr(0, termios.TCSANOW, modes)
os.write(1, b"ready")
while key := os.read(0, 1):
    os.write(1, key)
"""


def env_file(folder, count):
    path = os.path.join(folder, f"{count}.env")
    letters = string.ascii_letters + string.digits
    with open(path, "w") as file:
        for number in range(count):
            # Each letter begins some of them, so that nearly every key may begin a secret.
            value = letters[number % len(letters)] + secrets.token_hex(16)
            file.write(f"SECRET_{number}='{value}'\n")
    return path


class Terminal:
    def __init__(self, *argv):
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            try:
                os.environ.update(PS1="ready", TERM="dumb", HISTFILE="/dev/null")
                os.execvp(argv[0], argv)
            except OSError as error:
                os.write(2, f"{argv[0]}: {error}".encode())
            finally:
                os._exit(127)

    def wait(self, text):
        seen = b""
        while text not in seen:
            if not select.select([self.fd], [], [], 30)[0]:
                sys.exit(f"waited for {text}, but saw {seen}")
            try:
                seen += os.read(self.fd, 65536)
            except OSError as error:  # EIO: no process has the terminal open any more.
                sys.exit(f"waited for {text}, but the command ended after {seen}: {error}")
        return seen

    def end(self):
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        os.close(self.fd)


def echo_times(argv, ready, erases):
    """Seconds from each of many keys to its echo."""
    terminal, times = Terminal(*argv), []
    if ready:
        terminal.wait(ready)
    else:
        # The kernel echoes from the start on; the command is there when a line comes back.
        os.write(terminal.fd, b"a line\n")
        terminal.wait(b"a line\r\na line\r\n")
    keys = string.ascii_lowercase
    for number in range(ROUNDS):
        key = keys[number % len(keys)].encode()
        time.sleep(0.005)  # Nobody types faster, and each key is a burst of its own.
        begin = time.perf_counter()
        os.write(terminal.fd, key)
        terminal.wait(key)
        times.append(time.perf_counter() - begin)
        if erases:
            os.write(terminal.fd, b"\x7f")
            terminal.wait(b"\x08")
        if number % 60 == 59 and not ready:
            # A line of a terminal is not endless. It comes back, and ends what was waited for.
            os.write(terminal.fd, b"\n")
            echoed = terminal.wait(b"\n")
            if echoed.count(b"\n") < 2:
                terminal.wait(b"\n")
    terminal.end()
    return statistics.median(times)


def start_time(argv, terminal):
    """Seconds from a start to the end. Nothing is forked but what is measured."""
    begin = time.perf_counter()
    streams = [(os.POSIX_SPAWN_DUP2, terminal, stream) for stream in range(3)]
    pid = os.posix_spawnp(argv[0], argv, os.environ, file_actions=streams, setpgroup=0)
    os.waitpid(pid, 0)
    return time.perf_counter() - begin


def race(contestants):
    times = {name: [] for name, _ in contestants}
    _, terminal = pty.openpty()
    for _ in range(ROUNDS):
        for name, argv in contestants:
            times[name].append(start_time(argv, terminal))
    return {name: statistics.median(of_name) for name, of_name in times.items()}


def pss(pid):
    with open(f"/proc/{pid}/smaps_rollup") as file:
        return next(int(line.split()[1]) for line in file if line.startswith("Pss:"))


def echoes(redact):
    print(f"\necho of a key at a terminal, {SECRETS} secrets, median of {ROUNDS}")
    for name, argv, ready, erases in (
        ("the terminal's own echo (cat)", ["cat"], None, False),
        ("a program's echo (line editor)", [sys.executable, "-c", EDITOR], b"ready", False),
        ("a shell's echo (bash -i)", ["bash", "--norc", "-i"], b"ready", True),
    ):
        plain, redacted = (echo_times(line, ready, erases) for line in (argv, [*redact, *argv]))
        print(f"  {name:32} {plain * 1e3:7.3f} ms plain {redacted * 1e3:7.3f} ms redacted: {redacted / plain:5.2f}x")


def starts(redact, file):
    print(f"\nstart of `true` at a terminal, one secret, median of {ROUNDS}")
    exec_mode = [HUSHED, "run", "--env-file", file, "--", "true"]
    contestants = [("true alone", ["true"]), ("exec", exec_mode), ("redacted", [*redact, "true"])]
    for binary in EARLIER:
        contestants.append(("earlier build", [binary, *redact[1:], "true"]))
    times = race(contestants)
    for name, taken in times.items():
        print(f"  {name:16} {taken * 1e3:7.3f} ms: redacted is {times['redacted'] / taken:5.2f}x of it")


def memory(redact, secrets):
    terminal = Terminal(*redact, "sh", "-c", "echo there; exec sleep 1000")
    terminal.wait(b"there")
    time.sleep(0.2)  # What a start leaves to be done is done.
    children = f"/proc/{terminal.pid}/task/{terminal.pid}/children"
    witness = [pid for pid in open(children).read().split() if "witness" in open(f"/proc/{pid}/comm").read()]
    print(f"\nmemory while it waits, {secrets} secrets (PSS): {pss(terminal.pid)} KiB, {sum(map(pss, witness))} KiB of the witness")
    terminal.end()


with tempfile.TemporaryDirectory() as folder:
    one, many = env_file(folder, 1), env_file(folder, SECRETS)
    redact = [HUSHED, "run", "--redact", "--env-file", one, "--"]
    redact_many = [HUSHED, "run", "--redact", "--env-file", many, "--"]
    echoes(redact_many)
    starts(redact, one)
    memory(redact, 1)
    memory(redact_many, SECRETS)
