"""A terminal with a program in it, for tests that play its user. Nothing here sleeps."""
import fcntl, os, pty, select, struct, sys, termios, time

PROMPT = b"PROMPT> "
DEADLINE = float(os.environ.get("DEADLINE", 30))

# A shell's line that tells the modes of its terminal, and what it says where they are right.
MODES = b"stty -a | grep -oE -- '-?(icanon|echo|isig|opost)\\b' | tr '\\n' ,; echo =modes"
RIGHT = b"opost,isig,icanon,echo,=modes"


class Screen:
    """A terminal with a program in it."""

    def __init__(self, *argv, size=(24, 80)):
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            size = struct.pack("HHHH", *size, 0, 0)
            fcntl.ioctl(0, termios.TIOCSWINSZ, size)
            os.environ.update(PS1=PROMPT.decode(), TERM="xterm", HISTFILE="/dev/null")
            os.environ.pop("PROMPT_COMMAND", None)
            os.execvp(argv[0], argv)
        self.seen, self.at = b"", 0

    def more(self, left):
        if not select.select([self.fd], [], [], max(0, left))[0]:
            return None
        try:
            data = os.read(self.fd, 65536)
        except OSError:
            data = b""
        self.seen += data
        return bool(data)

    def wait(self, text):
        """Waits until the screen shows this, after what was waited for before."""
        end = time.monotonic() + DEADLINE
        while (found := self.seen.find(text, self.at)) < 0:
            if not self.more(end - time.monotonic()):
                sys.exit(f"waited for {text}, but saw {self.seen}")
        self.at = found + len(text)
        return self

    def type(self, text):
        os.write(self.fd, text)
        return self

    def run(self, line):
        """Types a line at the prompt, and waits for its echo."""
        self.wait(PROMPT).type(line + b"\n").wait(b"\n")
        return self

    def end(self):
        """Waits for the end; its status, as `waitstatus_to_exitcode` has it."""
        end = time.monotonic() + DEADLINE
        while more := self.more(end - time.monotonic()):
            pass
        if more is None:
            sys.exit(f"no end, but {self.seen}")
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])

    def stopped(self):
        """Presses return until the shell tells that the job has stopped: it does at a prompt."""
        begin, end = self.at, time.monotonic() + DEADLINE
        while b"Stopped" not in self.seen[begin:]:
            if not self.type(b"\n").more(end - time.monotonic()):
                sys.exit(f"nothing stopped: {self.seen}")
        self.at = begin
        return self.wait(b"Stopped")

    def bye(self):
        self.run(b"exit")
        return self.end()


def shell():
    """A shell with job control, and without the line editing that hides what the terminal does."""
    return Screen("bash", "--norc", "--noediting", "-i")


def equal(got, want):
    if got != want:
        sys.exit(f"{got!r} is not {want!r}")
