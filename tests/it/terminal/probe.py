"""Programs that the cases run: `probe NAME [ARGUMENT…]`. Each writes at once, and ends by what it reads."""
import os, signal, sys, threading

SIGNALS = {name: getattr(signal, "SIG" + name) for name in "INT QUIT TERM HUP TSTP CONT WINCH USR1".split()}


def show(*words):
    """Writes a line by one write."""
    os.write(1, (" ".join(map(str, words)) + "\n").encode())


def counting(names):
    """Counts signals from now on."""
    counts = dict.fromkeys(names, 0)

    def caught(number, _):
        for name in names:
            counts[name] += SIGNALS[name] == number
    for name in names:
        signal.signal(SIGNALS[name], caught)
    return counts


def total(counts):
    return " ".join(f"{name}={count}" for name, count in counts.items())


def count(*names):
    """Counts signals until it reads a line `end`."""
    counts = counting(names)
    show("ready")
    while (line := sys.stdin.readline().strip()) != "end" and line:
        show("so far", total(counts))
    show("counted", total(counts))


def record(file, gate, *names):
    """Counts signals until the gate opens, then writes the counts to a file. Each is noted at once in `.file`."""
    counts = dict.fromkeys(names, 0)
    signal.pthread_sigmask(signal.SIG_BLOCK, [SIGNALS[name] for name in names])

    def note():
        while number := signal.sigwait([SIGNALS[name] for name in names]):
            for name in names:
                counts[name] += SIGNALS[name] == number
            with open(f".{file}", "a") as out:
                print(number.name, file=out)
    threading.Thread(target=note, daemon=True).start()
    show("ready", file)
    open(gate).close()
    with open(file, "w") as out:
        print(total(counts), file=out)


def family(file, gate, *names):
    """Two processes that count the same signals, and a parent that waits for them."""
    counts, children = counting(names), []
    for k in "12":
        if not (child := os.fork()):
            record(file + k, gate + k, *names)
            os._exit(0)
        children.append(child)
    for child in children:
        os.waitpid(child, 0)
    show("family", total(counts))


def wait_for(*names):
    """Blocks these signals, and returns what waits for one of them."""
    numbers = [SIGNALS[name] for name in names]
    signal.pthread_sigmask(signal.SIG_BLOCK, numbers)
    return lambda: signal.sigwait(numbers)


def server(name, status="0"):
    """A server as make and npm start it: ends with a status on SIGINT or SIGTERM, after a word."""
    wait = wait_for("INT", "TERM")
    open(name + ".up", "w").close()
    wait()
    with open(name + ".log", "a") as out:
        out.write("stopped\n")
    os._exit(int(status))


def hangup(file):
    """Notes SIGHUP in a file, and ends."""
    wait = wait_for("HUP")
    show("ready")
    wait()
    with open(file, "w") as out:
        out.write("hung up\n")


def winch():
    """Writes the terminal's size when SIGWINCH tells of a new one, until it has 50 rows."""
    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGWINCH])
    before = os.get_terminal_size()
    show("ready")
    while before.lines != 50:
        signal.sigwait([signal.SIGWINCH])
        if (now := os.get_terminal_size()) != before:
            show("size", now.lines, now.columns)
            before = now


def streams():
    """Says which of its streams are terminals, and the same terminal's."""
    show("terminals", *map(os.isatty, range(3)))


def groups():
    """Says how it stands to the terminal: leader or not, foreground or not."""
    terminal = os.open("/dev/tty", os.O_RDWR)
    show("foreground", os.tcgetpgrp(terminal) == os.getpgrp(), "session leader", os.getsid(0) == os.getpid(),
         "same terminal", os.ttyname(0) == os.ttyname(terminal) or os.ttyname(terminal))


def binary():
    """Writes every byte."""
    data = bytes(range(256)) * 40
    while data:
        data = data[os.write(1, data):]


def pieces():
    """Writes UTF-8 byte by byte."""
    for byte in "naïve – 日本語 🙂 end\n".encode():
        os.write(1, bytes([byte]))


def mixed(rounds="200"):
    """Writes to both streams in turn."""
    for k in range(int(rounds)):
        os.write(1 + k % 2, f"{k} on {1 + k % 2}\n".encode())


def password():
    import getpass
    word = getpass.getpass("Password: ")
    show(len(word), "characters")


def curses():
    import curses

    def main(screen):
        screen.addstr(2, 3, f"size {screen.getmaxyx()}")
        screen.refresh()
        while (key := screen.getch()) != ord("q"):
            screen.addstr(4, 3, f"key {key}.")
            screen.refresh()
    curses.wrapper(main)
    show("over")


def cbreak():
    """Reads single keys in the mode that it sets on its input or on its output."""
    import termios, tty
    fd = int(sys.argv[2])
    before = termios.tcgetattr(fd)
    tty.setcbreak(fd, termios.TCSANOW)
    os.write(1, b"keys: ")
    keys = b""
    while not keys.endswith(b"."):
        keys += os.read(0, 1)
        os.write(1, b"<%s>" % keys[-1:])
    termios.tcsetattr(fd, termios.TCSANOW, before)
    show("", len(keys), "keys")


names = {name: value for name, value in globals().items() if callable(value)}
arguments = sys.argv[2:] if sys.argv[1] != "cbreak" else []
names[sys.argv[1]](*arguments)
