"""Terminals in terminals: script, tmux, a pseudo-terminal of Python's, a shell under hushed."""
import re, subprocess

from registry import case, line
from session import PROMPT, SHELLS, need

line("script/output", "script -qec 'run sh -c \"echo out; echo err >&2; exit 3\"' /dev/null")
line("script/size", "script -qec 'run stty size' /dev/null")
line("script/under-it", "run script -qec 'stty size; tty >/dev/null && echo terminal' /dev/null")
line("python-pty", "python3 -c 'import pty; pty.spawn([\"run\", \"sh\", \"-c\", \"echo out; exit 3\"])'")
line("env", "env -i PATH=\"$PATH\" run sh -c 'echo out; exit 3'")
line("nice", "nice run sh -c 'echo out; exit 3'")
line("stdbuf", "run stdbuf -o0 sh -c 'echo out; exit 3'")


@case("script/end-of-file-ahead")
def _(t):
    need("script")
    t.run("script -qec 'gate g; run cat' /dev/null </dev/null >file").state("gate", "S").open_gate("g").status()
    t.bye()


@case("script/interrupt")
def _(t):
    need("script")
    t.run("script -qec 'run sh -c \"echo ready; exec sleep 1000\"' /dev/null", "ready").key("^C").status()
    t.bye()


@case("script/under-it-interrupt")
def _(t):
    need("script")
    t.run("run script -qec 'sh -c \"echo ready; exec sleep 1000\"' /dev/null", "ready").key("^C").status()
    t.bye()


@case("script/end-of-file")
def _(t):
    need("script")
    t.run("script -qec 'run sh -c \"echo ready; cat; echo over\"' /dev/null", "ready").type("one\n").see("one", "one").key("^D").see("over").status()
    t.bye()


class Tmux:
    """A shell in a window of a tmux server of its own."""

    def __init__(self, t, shell):
        need("tmux")
        self.t, self.socket, self.prompts = t, f"{t.directory}/.tmux", 0
        t.run("")
        self.tmux("-f", "/dev/null", "new-session", "-d", "-x", "80", "-y", "24", *SHELLS[shell])

    def tmux(self, *arguments):
        command = ["tmux", "-S", self.socket, *arguments]
        return subprocess.run(command, env={**self.t.environment}, cwd=self.t.directory, capture_output=True, check=True, text=True).stdout

    def screen(self):
        return self.tmux("capture-pane", "-p")

    def shows(self, pattern):
        self.t.wait_for(lambda: re.search(pattern, self.screen(), re.M), f"waiting for {pattern!r} in tmux")
        return self

    def prompt(self):
        """Waits until the last line is a prompt, and one more than before."""
        self.prompts += 1
        self.t.wait_for(lambda: self.screen().count(PROMPT.strip()) >= self.prompts and self.screen().rstrip().endswith(PROMPT.strip()),
                        f"waiting for prompt {self.prompts} in tmux")
        return self

    def type(self, *keys):
        self.tmux("send-keys", *keys)
        return self

    def run(self, line):
        return self.prompt().type("-l", line).type("Enter")

    def bye(self):
        self.prompt()
        self.t.fact("tmux", "\n" + self.screen())
        self.tmux("kill-server")
        self.t.bye()


def in_tmux(name, shells=("bash", "bash-edit", "dash", "zsh")):
    def register(play):
        for shell in shells:
            def playing(t, shell=shell):
                play(Tmux(t, shell))
            playing.__module__ = __name__
            case(f"tmux/{name}-in-{shell}")(playing)
        return play
    return register


@in_tmux("interrupt")
def _(m):
    m.run("run sh -c 'echo ready; exec sleep 1000'").shows("^ready").type("C-c").run("echo [$?]").bye()


@in_tmux("suspend")
def _(m):
    m.run("run sh -c 'echo ready; exec cat'").shows("^ready").type("C-z").run("fg")
    m.shows("fg\\n.*run sh").type("-l", "word").type("Enter").shows("^word\nword").type("C-d").run("echo [$?]").bye()


@in_tmux("end-of-file", ("bash", "dash"))
def _(m):
    m.run("run cat").type("-l", "word").type("Enter").shows("^word\nword").type("C-d").run("echo [$?]").bye()


@in_tmux("pipeline", ("bash", "zsh"))
def _(m):
    m.run("cat | run cat").type("-l", "word").type("Enter").shows("^word\nword").type("C-c").run("echo [$?]").bye()


@in_tmux("resize", ("bash",))
def _(m):
    m.run("run probe winch").shows("^ready").tmux("resize-window", "-x", "70", "-y", "20")
    m.shows("^size 20 70").tmux("resize-window", "-x", "60", "-y", "50")
    m.shows("^size 50 60").bye()


@in_tmux("less", ("bash",))
def _(m):
    need("less")
    m.run("seq 100 | run less").shows("^23$").type("G").shows("END").type("q").run("echo [$?]").bye()


@in_tmux("window-is-closed", ("bash",))
def _(m):
    m.run("run probe hangup file").shows("^ready").tmux("kill-server")
    m.t.gone("python3").bye()
