"""A shell on a pseudo-terminal, played by a script that waits for facts. Nothing here sleeps to synchronize.

A fact is text on the screen, a process's state in /proc, the terminal's foreground process group, a reader
at a FIFO, or an end. Whoever waits longer than DEADLINE seconds raises `Hang`.
"""
import ctypes, errno, fcntl, os, pty, re, select, signal, struct, subprocess, termios, time

PROMPT = "PROMPT> "
DEADLINE = float(os.environ.get("DEADLINE", 40))
SIZE = (30, 200)
KEYS = {"^C": b"\x03", "^Z": b"\x1a", "^\\": b"\x1c", "^D": b"\x04"}
SHELLS = {
    "bash": ["bash", "--norc", "--noprofile", "--noediting", "-i"],
    "bash-edit": ["bash", "--norc", "--noprofile", "-i"],
    "dash": ["dash", "-i"],
    "zsh": ["zsh", "-f", "-i", "+o", "zle", "+o", "notify", "+o", "prompt_cr", "+o", "prompt_sp"],
}


class Hang(Exception):
    """Something that was waited for did not happen before the deadline."""


class Skip(Exception):
    """The case needs a tool that is not installed."""


def adopt_orphans():
    """Makes this process the parent of every process that a case leaves behind (PR_SET_CHILD_SUBREAPER)."""
    ctypes.CDLL(None).prctl(36, 1, 0, 0, 0)


def processes():
    """Returns {pid: (name, state, parent's pid)} of all processes."""
    found = {}
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{pid}/stat", errors="replace") as file:
                stat = file.read()
        except OSError:
            continue
        end = stat.rindex(")")
        rest = stat[end + 2:].split()
        found[int(pid)] = (stat[stat.index("(") + 1:end], rest[0], int(rest[1]))
    return found


def descendants(root, names=None):
    """Returns [(pid, name, state)] of the processes below `root` that have not ended."""
    all_of_them = processes()
    below, found = {root}, []
    while more := [pid for pid, (_, _, parent) in all_of_them.items() if parent in below and pid not in below]:
        below.update(more)
        found += [(pid, *all_of_them[pid][:2]) for pid in more]
    return [entry for entry in found if entry[2] not in "ZX" and (names is None or entry[1] in names)]


def sleeps_for(pid):
    """Returns the kernel function in which a process sleeps."""
    try:
        with open(f"/proc/{pid}/wchan") as file:
            return file.read()
    except OSError:
        return ""


def reap():
    """Reaps children that have ended, and returns {pid: exit status} of them."""
    ended = {}
    try:
        while (result := os.waitpid(-1, os.WNOHANG))[0]:
            ended[result[0]] = os.waitstatus_to_exitcode(result[1])
    except ChildProcessError:
        pass
    return ended


def until(fact, what):
    """Waits until `fact()` is true, and returns what it gave."""
    end = time.monotonic() + DEADLINE
    while not (result := fact()):
        if time.monotonic() > end:
            raise Hang(what)
        select.select([], [], [], 0.003)
    return result


def resize(fd, rows, columns):
    fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))


class Terminal:
    """A program (a shell, unless `argv` says otherwise) as the session leader of a new pseudo-terminal."""

    def __init__(self, shell, environment, directory, argv=None):
        self.shell, self.environment, self.directory = shell, environment, directory
        self.seen, self.at, self.ended, self.facts = b"", 0, None, []
        self.blank_prompts = self.any_order = False
        self.before_prompt, self.at_prompt = 0, False
        self.argv, self.keys = argv or SHELLS[shell], {}
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            try:
                resize(0, *SIZE)
                os.chdir(directory)
                for number in (signal.SIGPIPE, signal.SIGXFSZ):
                    signal.signal(number, signal.SIG_DFL)
                os.execvpe(self.argv[0], self.argv, environment)
            finally:
                os._exit(127)
        number = fcntl.ioctl(self.fd, 0x80045430, bytes(4))  # TIOCGPTN
        self.tty = f"/dev/pts/{struct.unpack('I', number)[0]}"

    # What the screen shows.

    def read_more(self, timeout):
        """Reads once; returns None after the timeout, false at the end of the terminal."""
        if not select.select([self.fd], [], [], max(0, timeout))[0]:
            return None
        try:
            data = os.read(self.fd, 65536)
        except OSError as error:
            if error.errno != errno.EIO:
                raise
            data = b""
        self.seen += data
        return bool(data)

    def find(self, pattern):
        """Waits until a regular expression of bytes matches what follows the last thing waited for."""
        end = time.monotonic() + DEADLINE
        pattern = re.compile(pattern)
        while not (found := pattern.search(self.seen, self.at)):
            if not self.read_more(end - time.monotonic()):
                raise Hang(f"waiting for {pattern.pattern!r}")
        self.at = found.end()
        return found

    def see(self, *lines):
        """Waits for lines that end so."""
        for line in lines:
            self.find(re.escape(line.encode()) + rb"\r*\n")
        return self

    def text(self, *texts):
        """Waits for texts, which need not end a line."""
        for text in texts:
            self.find(re.escape(text.encode()))
        return self

    def prompt(self):
        self.before_prompt = self.at
        self.text(PROMPT)
        self.at_prompt = True
        return self

    def drain(self):
        """Reads what is there."""
        end = time.monotonic() + DEADLINE
        while self.read_more(0):
            if time.monotonic() > end:
                raise Hang("reading a screen that does not come to rest")

    # What the user does.

    def type(self, text):
        self.at_prompt = False
        data = text.encode() if isinstance(text, str) else text
        while data:
            data = data[os.write(self.fd, data):]
        return self

    def key(self, *names):
        """Presses control keys. A signal flushes the output, so nothing may be on its way: wait for it first."""
        for name in names:
            self.drain()
            self.keys[name] = self.keys.get(name, 0) + 1
            self.type(KEYS[name])
        return self

    def run(self, line, *lines):
        """Types a line at the prompt, waits for its echo and for lines of output."""
        self.prompt().type(line + "\n").find(rb"\n")
        return self.see(*lines)

    def blind(self, line):
        """Types a line at the prompt of a terminal that does not echo."""
        return self.prompt().type(line + "\n")

    def ahead(self, text):
        """Types text while nobody reads it, and waits for the kernel's echo."""
        self.type(text)
        pattern = b"".join(rb"\r*\n" if c == "\n" else re.escape(c.encode()) for c in text)
        self.find(pattern)
        return self

    def status(self):
        """Shows the exit status of the last command."""
        self.run('echo "[$?]"').find(rb"\[\d+\]\r*\n")
        return self

    def fg(self):
        """Types `fg` at the prompt, and waits for the line by which the shell names the job."""
        self.run("fg").find(rb"\n")
        return self

    def bg(self):
        self.run("bg").find(rb"\n")
        return self

    def kill_job(self, number=1, left=0):
        """Ends a stopped job, and shows which are left.

        What bash tells of a job that continues and ends at once depends on time, and so does whether it waits
        for it before another child ends: it is not compared. dash's `kill` does not continue the job.
        """
        self.run(f"kill %{number}; kill -CONT %{number}" if self.shell == "dash" else f"kill %{number}")
        begin = self.at
        return self.children(left).blind("/bin/true").prompt().forget(begin).run("jobs")

    def forget(self, begin):
        """Takes from the screen what came since `begin`, up to the prompt that has been seen."""
        self.seen = self.seen[:begin] + PROMPT.encode()
        self.at = begin
        return self

    def kill_running_job(self):
        self.run("kill %1").children(0)
        return self.enter_until("erminated")

    def handed_over(self):
        """Waits until another process group than the shell's is in the foreground."""
        self.wait_for(lambda: os.tcgetpgrp(self.fd) != self.pid, "waiting for the job to have the terminal")
        return self

    def enter_until(self, text):
        """Presses Enter at a prompt that has been seen, until the shell tells of a job, which it does before one."""
        self.blank_prompts = True
        if not self.at_prompt:
            self.prompt()
        begin, end = self.before_prompt, time.monotonic() + DEADLINE
        while text.encode() not in self.seen[begin:self.at]:
            if time.monotonic() > end:
                raise Hang(f"pressing Enter until {text!r}")
            self.type("\n").prompt()
        self.at -= len(PROMPT)
        return self

    def resize(self, rows, columns):
        resize(self.fd, rows, columns)
        return self

    def hang_up(self):
        """Closes the terminal's window."""
        os.close(self.fd)
        self.fd = -1
        return self

    # Facts that are not on the screen.

    def open_gate(self, name):
        """Lets the process go on that waits at the FIFO `name` (`gate NAME`), once it is there."""
        path = os.path.join(self.directory, name)

        def opened():
            self.pump()
            try:
                return os.open(path, os.O_WRONLY | os.O_NONBLOCK) + 1
            except OSError as error:
                if error.errno not in (errno.ENXIO, errno.ENOENT):
                    raise
        os.close(until(opened, f"waiting for a reader of {name}") - 1)
        return self

    def pump(self):
        if self.fd >= 0:
            self.drain()

    def wait_for(self, fact, what):
        return until(lambda: self.pump() or fact(), what)

    def state(self, name, state, count=1):
        """Waits until `count` processes of this name have this state."""
        self.wait_for(
            lambda: sum(entry[2] == state for entry in descendants(self.pid, {name})) >= count,
            f"waiting for {name} to have state {state}")
        return self

    def waits(self, name):
        """Waits until a process of this name sleeps in the kernel for something else than a child."""
        def asleep():
            found = descendants(self.pid, {name})
            return found and all(state == "S" and sleeps_for(pid) not in ("", "0", "do_wait") for pid, _, state in found)
        self.wait_for(lambda: asleep() and asleep(), f"waiting for {name} to wait")
        return self

    def pid_of(self, name):
        return self.wait_for(lambda: descendants(self.pid, {name}), f"waiting for {name}")[0][0]

    def gone(self, name):
        self.wait_for(lambda: not descendants(os.getpid(), {name}), f"waiting for the end of {name}")
        return self

    def children(self, count):
        """Waits until the shell has this many children that have not ended."""
        def counted():
            return sum(parent == self.pid and state not in "ZX" for _, state, parent in processes().values()) == count
        self.wait_for(counted, f"waiting for {count} children of the shell")
        return self

    def file(self, name, text="\n"):
        """Waits until a file of the working directory holds a text."""
        path = os.path.join(self.directory, name)
        self.wait_for(lambda: os.path.exists(path) and text in open(path).read(), f"waiting for {text!r} in {name}")
        return self

    def kill(self, name, signal_name):
        os.kill(self.pid_of(name), getattr(signal, signal_name))
        return self

    def fact(self, name, value):
        self.facts.append((name, str(value)))

    # The end.

    def modes(self):
        """Notes modes, size and foreground process group of the terminal, when the shell is at its prompt."""
        slave = os.open(self.tty, os.O_RDWR | os.O_NOCTTY)
        try:
            modes = termios.tcgetattr(slave)
            self.fact("modes", modes[:4] + [b"".join(c if isinstance(c, bytes) else bytes([c]) for c in modes[6])])
            self.fact("size", struct.unpack("HHHH", fcntl.ioctl(slave, termios.TIOCGWINSZ, bytes(8)))[:2])
        finally:
            os.close(slave)
        self.fact("foreground is the shell", os.tcgetpgrp(self.fd) == self.pid)

    def bye(self):
        """Ends the shell at its prompt, after a look at the terminal."""
        begin = self.at
        self.prompt()
        self.modes()
        self.at = begin
        self.blind("stty -g; stty size").find(rb"\d+ \d+\r*\n")
        self.blind("exit")
        return self.end()

    def wait_for_exit(self):
        """Waits for the end of the shell; others may still have the terminal."""
        def ended():
            self.pump()
            if self.pid in (statuses := reap()):
                self.ended = statuses[self.pid]
            return self.ended is not None
        until(ended, "waiting for the end of the shell")
        return self

    def end(self):
        """Waits for the end of the shell and of what it left, and reads what the terminal still shows."""
        if self.ended is None:
            self.wait_for_exit()
        self.fact("exit status of the shell", self.ended)

    def leftovers(self):
        """Waits for the end of every process that the case started; notes and kills those that stay."""
        mine = os.getpid()
        deadline = time.monotonic() + (DEADLINE if self.ended is not None else 0)
        while (left := descendants(mine)) and time.monotonic() < deadline:
            reap()
            self.pump()
            select.select([], [], [], 0.003)
        self.fact("left behind", sorted(name for _, name, _ in left) or "nothing")
        while left:
            for pid, _, _ in left:
                try:
                    os.kill(pid, signal.SIGKILL)
                except ProcessLookupError:
                    pass
            reap()
            left = descendants(mine)
        reap()
        if self.fd >= 0:
            self.drain()
            os.close(self.fd)


def need(*tools):
    """Skips the case when a tool is not installed."""
    for tool in tools:
        if subprocess.run(["sh", "-c", f"command -v {tool}"], stdout=subprocess.DEVNULL).returncode:
            raise Skip(f"{tool} is not installed")
