"""Completes command lines in a real shell under a terminal: complete.py SHELL HUSHED [LINE WANT]...

Each line is typed with a tab at its end; then the shell is made to print the line instead of running it.
Nothing here sleeps: the shell reads what was typed when it is ready for it.
"""
import os, pty, re, select, subprocess, sys, time

shell, hushed, *pairs = sys.argv[1:]
DEADLINE = 60
os.environ.update(TERM="xterm", HISTFILE="/dev/null", PS1="PROMPT> ")
os.environ["PATH"] = os.path.dirname(hushed) + ":" + os.getcwd() + "/bin:" + os.environ["PATH"]
script = subprocess.run([hushed, "completions", shell], capture_output=True, check=True).stdout
open("completion", "wb").write(script)

COMMANDS = {
    "bash": ["bash", "--norc", "--noprofile", "-i"],
    "zsh": ["zsh", "-f", "-i"],
    "fish": ["fish", "--no-config", "-i"],
}
SETUP = {
    "bash": b"source ./completion; complete -W 'alpha-sub beta-sub' zqmake\n",
    "zsh": b"autoload -Uz compinit; compinit -D -u; source ./completion; "
           b"_zqmake() { compadd alpha-sub beta-sub }; compdef _zqmake zqmake\n",
    "fish": b"source ./completion; complete -c zqmake -f -a 'alpha-sub beta-sub'\n",
}

pid, fd = pty.fork()
if pid == 0:
    os.execvp(COMMANDS[shell][0], COMMANDS[shell])
seen = b""


def read_until(pattern):
    """Reads until the screen shows this; what it matched."""
    global seen
    end = time.monotonic() + DEADLINE
    while not (found := re.search(pattern, seen)):
        if not select.select([fd], [], [], max(0, end - time.monotonic()))[0]:
            sys.exit(f"waited for {pattern}, but saw {seen}")
        chunk = os.read(fd, 65536)
        # A shell asks the terminal what it is, and waits for the answer.
        if b"\x1b[c" in chunk or b"\x1b[0c" in chunk:
            os.write(fd, b"\x1b[?62;c")
        if b"\x1b[6n" in chunk:
            os.write(fd, b"\x1b[1;1R")
        seen += chunk
    seen = seen[found.end():]
    return found


os.write(fd, SETUP[shell] + b"echo RE''ADY\n")
read_until(rb"READY")
for number, (line, want) in enumerate(zip(pairs[::2], pairs[1::2])):
    # Ctrl-A and Ctrl-E go to the ends of the line in all three.
    mark = f"MARK{number}:"
    split = f"MARK''{number}:"
    os.write(fd, line.encode() + b"\t\x01echo " + split.encode() + b" '\x05'\r")
    got = read_until(rb"(?m)" + mark.encode() + rb" ([^\r\n]*)\r?\n").group(1).decode()
    got = re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", got).rstrip()
    if got != want:
        sys.exit(f"{shell}: {line!r} became {got!r} instead of {want!r}")
os.write(fd, b"exit\r")
