"""Compares a terminal under hushed with the same terminal without: the same lines, typed into the same shells.

    compare.py --subject PATH [--mode MODE]… [--only GLOB]… [--jobs N] [--repeat N] [--attempts N] [-v]
    compare.py --subject-command 'PROGRAM --' …       compares another program that runs a command
    compare.py --mode plain …                         compares the plain command with itself

Prints a table `case  mode  equal|DIFFERENT|known|skipped`, the two transcripts of what is different, and `N of M equal`.
Exits with 1 when something is different that is not on the list of known differences.
"""
import argparse, concurrent.futures, difflib, fnmatch, hashlib, multiprocessing, os, re, shlex, shutil, signal, sys, tempfile

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
import registry
from known import KNOWN
from session import PROMPT, Hang, Skip, Terminal, adopt_orphans

OPTIONS = {"exec": "", "init": "--init", "redact": "--redact"}
STANDS_FOR = {"command": "redact"}  # another program is compared where `--redact` is
# Values that begin with everything that output may end with, so that redaction has something to hold back.
SECRETS = [f"{first}7Kq-canary-of-{ord(first):x}" for first in "abcdefghijklmnopqrstuvwxyzPSTX0123456789:>?$)]. "]


def write(path, text, mode=0o600):
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode), "w") as file:
        file.write(text)


def prepare(root, arguments):
    """Writes what the cases find on their PATH, one directory for each mode: the same names, another `run`."""
    secrets = os.path.join(root, "secrets.env")
    write(secrets, "".join(f"SECRET_{k}='{value}'\n" for k, value in enumerate(SECRETS)))
    runners = {"plain": 'exec "$@"', "command": f'exec {arguments.subject_command} "$@"'}
    subject = shlex.quote(os.path.abspath(arguments.subject or "hushed"))
    for mode, options in OPTIONS.items():
        runners[mode] = f'exec {subject} run {options} --env-file {secrets} -- "$@"'
    for mode, runner in runners.items():
        directory = os.path.join(root, "bin", mode)
        os.makedirs(directory)
        write(os.path.join(directory, "run"), f"#!/bin/sh\n{runner}\n", 0o755)
        write(os.path.join(directory, "gate"), '#!/bin/sh\n: <"$1"\n', 0o755)
        python = f"exec {shlex.quote(sys.executable)} -IS"
        write(os.path.join(directory, "probe"), f'#!/bin/sh\n{python} {shlex.quote(HERE)}/probe.py "$@"\n', 0o755)
        os.symlink(sys.executable, os.path.join(directory, "python3"))


def environment(root, mode, directory):
    """Returns the environment of a run: nothing of the caller's but its PATH."""
    path = os.path.join(root, "bin", mode) + ":" + os.environ.get("PATH", "")
    return {
        "PATH": path, "HOME": directory, "PWD": directory, "SHELL": "/bin/sh", "TERM": "xterm", "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8",
        "PS1": PROMPT, "PS2": "MORE> ", "HISTFILE": "/dev/null", "LESSHISTFILE": "-", "PYTHON_BASIC_REPL": "1",
        "npm_config_update_notifier": "false",
    }


def play(case, mode, root):
    """Runs a case once, and returns its transcript."""
    directory = tempfile.mkdtemp(dir=root, prefix="case-")
    for gate in ("g", "h", "g1", "g2"):
        os.mkfifo(os.path.join(directory, gate))
    terminal = None
    transcript = []
    try:
        terminal = Terminal(case.shell, environment(root, mode, directory), directory)
        case.play(terminal)
    except Hang as hang:
        transcript.append(f"HANGS {hang}")
    except Exception as error:
        if isinstance(error, Skip):
            raise
        transcript.append(f"FAILS {type(error).__name__}: {error}")
    finally:
        if terminal:
            terminal.leftovers()
    transcript += ["screen:", *screen(terminal, directory).split("\n")]
    transcript += [f"{name}: {value}" for name, value in terminal.facts]
    transcript += [f"typed {key}" for key in terminal.keys]
    transcript += files(directory)
    shutil.rmtree(directory)
    return transcript


# The words by which shells tell of a process, after its number.
JOB = r"Segmentation|Killed|Terminated|Hangup|Interrupt|Quit|Stopped|Aborted|Done|Running|suspended|running|done|terminated|killed|exit|interrupt|quit|hangup|continued"


def screen(terminal, directory):
    """Returns the bytes of the screen as text, without what differs from run to run."""
    text = terminal.seen.decode(errors="backslashreplace").replace(directory, "DIR")
    # The echo of a key that sends a signal comes before or after what the signal lets someone write.
    text = re.sub(r"\^[CZ\\]", "", text)
    text = re.sub(r"/dev/pts/\d+", "/dev/pts/N", text)
    text = re.sub(r"(\[\d+\][ +-]*)\d{2,}", r"\1PID", text)
    text = re.sub(rf"\b\d{{2,}}( +(?:{JOB})\b)", r"PID\1", text)
    if terminal.blank_prompts:
        text = text.replace("PROMPT> \r\n", "")  # how often Enter was pressed
    if terminal.any_order:
        text = "\n".join(sorted(text.replace("PROMPT> ", "").split("\n")))
    return "".join(c if c.isprintable() else "\\n\n" if c == "\n" else f"\\x{ord(c):02x}" for c in text)


def files(directory):
    """Returns what the case wrote to files whose names do not begin with a dot."""
    found = []
    for name in sorted(os.listdir(directory)):
        path = os.path.join(directory, name)
        if os.path.isfile(path) and not name.startswith("."):
            with open(path, "rb") as file:
                data = file.read()
            text = repr(data) if len(data) < 2000 else f"{len(data)} bytes, {data[:300]!r} … {hashlib.sha256(data).hexdigest()}"
            found.append(f"file {name}: " + re.sub(r"/dev/pts/\d+", "/dev/pts/N", text.replace(directory, "DIR")))
    return found


def compare(position, modes, root, attempts):
    """Runs one case plain and in its modes; returns rows (name, mode, result, detail).

    What is different is run again, up to so many attempts: a shell itself may tell of the end of a job before or
    after its prompt. What is never equal is different.
    """
    rows = attempt(position, modes, root)
    for _ in range(attempts - 1):
        left = [mode for _, mode, result, _ in rows if result == "DIFFERENT"]
        if not left:
            break
        again = {row[1]: row for row in attempt(position, left, root)}
        rows = [again.get(row[1], row) for row in rows]
    return rows


def attempt(position, modes, root):
    case = registry.CASES[position]
    rows = []
    try:
        if not shutil.which(case.shell):
            raise Skip(f"no {case.shell} here")
        plain = play(case, "plain", root)
        broken = plain[0].startswith(("HANGS", "FAILS"))
        for mode in modes:
            other = play(case, mode, root)
            known = next((why for names, where, why in KNOWN if mode in where and fnmatch.fnmatch(case.name, names)), None)
            if broken:
                rows.append((case.name, mode, "DIFFERENT", "the plain run fails:\n" + "\n".join(plain)))
            elif other == plain:
                rows.append((case.name, mode, "equal", "\n".join(plain)))
            elif known:
                rows.append((case.name, mode, "known", known))
            else:
                difference = difflib.unified_diff(plain, other, "plain", mode, lineterm="", n=60)
                rows.append((case.name, mode, "DIFFERENT", "\n".join(difference)))
    except Skip as skip:
        rows = [(case.name, mode, "skipped", str(skip)) for mode in modes]
    return rows


def initialize():
    adopt_orphans()
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def report(row, verbose):
    name, mode, result, detail = row
    print(f"{name:<58} {mode:<8} {result}", end="" if result in ("known", "skipped") else "\n")
    if result in ("known", "skipped"):
        print(f": {detail}")
    elif result == "DIFFERENT" or verbose:
        print("\n".join("    " + line for line in detail.split("\n")))
    sys.stdout.flush()


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("--subject")
    parser.add_argument("--subject-command", default="")
    parser.add_argument("--mode", action="append", choices=["plain", *OPTIONS])
    parser.add_argument("--only", action="append", default=[])
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--repeat", type=int, default=1)
    parser.add_argument("--attempts", type=int, default=1)
    parser.add_argument("-l", "--list", action="store_true")
    parser.add_argument("-v", "--verbose", action="store_true")
    arguments = parser.parse_args()
    registry.load()
    modes = arguments.mode or (["command"] if arguments.subject_command else list(OPTIONS))
    chosen = []
    for position, case in enumerate(registry.CASES):
        if not arguments.only or any(fnmatch.fnmatch(case.name, glob) for glob in arguments.only):
            chosen += [(position, [mode for mode in modes if mode == "plain" or STANDS_FOR.get(mode, mode) in case.modes])]
    chosen = [(position, modes) for position, modes in chosen if modes] * arguments.repeat
    if arguments.list:
        print("\n".join(f"{registry.CASES[position].name} {' '.join(modes)}" for position, modes in chosen))
        return 0
    counts = {}
    with tempfile.TemporaryDirectory(prefix="hushed-terminal-") as root:
        prepare(root, arguments)
        context = multiprocessing.get_context("fork")
        with concurrent.futures.ProcessPoolExecutor(arguments.jobs, context, initialize) as pool:
            pending = [pool.submit(compare, position, modes, root, arguments.attempts) for position, modes in chosen]
            for finished in concurrent.futures.as_completed(pending):
                for row in finished.result():
                    counts[row[2]] = counts.get(row[2], 0) + 1
                    report(row, arguments.verbose)
    compared = sum(counts.values()) - counts.get("skipped", 0)
    print(f"{counts.get('known', 0)} known differences, {counts.get('skipped', 0)} skipped")
    print(f"{counts.get('equal', 0)} of {compared} equal")
    return 1 if counts.get("DIFFERENT") else 0


if __name__ == "__main__":
    sys.exit(main())
