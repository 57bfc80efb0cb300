"""Plays a user of programs that need a terminal, and have the secrets of app.env redacted.

program.py HUSHED SCENARIO, in the directory of app.env; exits with 0 if all was as it should be, and with
77 where the program is missing.
"""
import contextlib, ctypes, glob, os, shutil, signal, socket, subprocess, sys, tempfile, time

sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), "../support"))
sys.dont_write_bytecode = True
from screen import MODES, PROMPT, RIGHT, equal, shell

P = f"{sys.argv[1]} run --redact --env-file app.env --"
os.environ["P"] = P
SECRET = b"canary-one"
LABEL = b"[hushed:SECRET]"


def needs(*programs):
    """The paths of programs, where PostgreSQL's are among them."""
    places = os.pathsep.join(sorted(glob.glob("/usr/lib/postgresql/*/bin"))[-1:] + [os.environ["PATH"]])
    found = [shutil.which(program, path=places) for program in programs]
    if None in found:
        print(f"{programs[found.index(None)]} is not on this machine")
        sys.exit(77)
    return found


def over(screen):
    """The shell has its terminal back as it was, and the secret was never seen."""
    equal(screen.run(MODES).wait(RIGHT).bye(), 0)
    equal(SECRET in screen.seen, False)


def lesser(user):
    """Becomes somebody who may run PostgreSQL, and ends with us."""
    def become():
        if user:
            os.setgroups([])
            os.setgid(user)
            os.setuid(user)
        ctypes.CDLL(None).prctl(1, signal.SIGINT)
    return become


@contextlib.contextmanager
def postgres():
    """A server for one user, `tester`, whose password is `typed`; the directory of its socket."""
    initdb, server = needs("initdb", "postgres")
    nobody = 65534 if os.getuid() == 0 else 0
    folder = tempfile.mkdtemp(dir="/tmp", prefix="hushed-psql-")
    try:
        with open(f"{folder}/password", "w") as file:
            file.write("typed\n")
        if nobody:
            for path in (folder, f"{folder}/password"):
                os.chown(path, nobody, nobody)
        data, as_user = f"{folder}/data", dict(preexec_fn=lesser(nobody), cwd=folder)
        make = [initdb, "-D", data, "-U", "tester", "-A", "scram-sha-256", f"--pwfile={folder}/password"]
        make += ["-E", "UTF8", "--locale=C", "--no-sync"]
        subprocess.run(make, check=True, stdout=subprocess.DEVNULL, **as_user)
        serve = [server, "-D", data, "-k", folder, "-c", "listen_addresses=", "-c", "fsync=off"]
        with subprocess.Popen(serve, stderr=subprocess.PIPE, text=True, **as_user) as running:
            said = ""
            for line in running.stderr:
                said += line
                if "ready to accept connections" in line:
                    break
            else:
                sys.exit(f"PostgreSQL does not start: {said}")
            try:
                yield folder
            finally:
                running.send_signal(signal.SIGINT)
    finally:
        shutil.rmtree(folder)


def psql_works_unchanged():
    psql, less = needs("psql", "less")
    with postgres() as folder:
        prompt = b"postgres=# "
        os.environ.update(PAGER=less, LESS="", PSQL_HISTORY="/dev/null")
        screen = shell().run(f"$P {psql} -X -h {folder} -U tester postgres".encode())
        screen.wait(b"Password for user tester: ").type(b"typed\n").wait(prompt)
        equal(b"typed" in screen.seen, False)
        # Editing: a backspace, and the line before once more.
        screen.type(b"select 6*8\x7f7;\n").wait(b" 42\r\n").wait(prompt)
        screen.type(b"\x1b[A\n").wait(b" 42\r\n").wait(prompt)
        # The server tells that it is at it, and only then is it interrupted.
        work = b"begin raise notice '%', 'at ' || 'work'; perform pg_sleep(1000); end"
        screen.type(b"do $$ " + work + b" $$;\n").wait(b"at work").type(b"\x03")
        screen.wait(b"canceling statement due to user request").wait(prompt)
        screen.type(b"\\pset pager always\n").wait(prompt)
        screen.type(b"select generate_series(1, 500);\n").wait(b":").type(b"G").wait(b"(500 rows)")
        screen.type(b"q").wait(prompt).type(b"\\pset pager off\n").wait(prompt)
        screen.type(b"select 'canary' || '-one';\n").wait(LABEL).wait(prompt)
        screen.type(b"\\! stty size\n").wait(b"24 80").wait(prompt)
        over(screen.type(b"\\q\n"))


def less_shows_a_file():
    needs("less")
    with open("log", "wb") as file:
        file.writelines(b"line %d\n" % number for number in range(1000))
        file.write(b"password=" + SECRET + b"\n")
    screen = shell().run(b"$P less log").wait(b"line 20").type(b"G").wait(b"password=" + LABEL)
    over(screen.type(b"g").wait(b"line 20").type(b"/line 77\n").wait(b"line 99").type(b"q"))
    os.unlink("log")


def vim_edits_a_file_with_secrets():
    needs("vim")
    with open("note", "wb") as file:
        file.write(b"password=" + SECRET + b"\n")
    screen = shell().run(b"$P vim -u NONE -N note").wait(b"password=" + LABEL)
    screen.type(b"ohello\x1b").wait(b"hello").type(b":wq\r").wait(b"written")
    over(screen)
    with open("note", "rb") as file:
        equal(file.read(), b"password=" + SECRET + b"\nhello\n")
    os.unlink("note")


def top_runs_until_it_quits():
    needs("top")
    over(shell().run(b"$P top").wait(b"load average").wait(b"PID").type(b"q"))


def tmux_resizes_the_command():
    tmux, = needs("tmux")
    os.mkfifo("said")
    inner = "trap 'stty size >said' WINCH; echo $SECRET; echo up >said; while :; do read -t 0.01 x; done"
    run = [tmux, "-L", f"hushed-{os.getpid()}", "-f", "/dev/null"]
    os.environ["INNER"] = inner
    command = f'{P} bash -c "$INNER"'
    try:
        subprocess.run([*run, "new-session", "-d", "-x", "80", "-y", "24", command], check=True)
        with open("said", "rb") as said:
            equal(said.read(), b"up\n")
        subprocess.run([*run, "resize-window", "-x", "100", "-y", "30"], check=True)
        with open("said", "rb") as said:
            equal(said.read(), b"30 100\n")
        shown = subprocess.run([*run, "capture-pane", "-p"], check=True, capture_output=True).stdout
        equal(shown.split(b"\n")[0], LABEL)
    finally:
        subprocess.run([*run, "kill-server"])


def ctrl_z_stops_a_fetch_at_once():
    # A server that takes connections and never answers.
    with socket.create_server(("127.0.0.1", 0)) as server:
        where = f"--domain http://127.0.0.1:{server.getsockname()[1]} --insecure-http --project p --env dev"
        os.environ.update(INFISICAL_TOKEN="st.canary.token", HUSHED_TIMEOUT="600s")
        for mode in ("", "--init", "--redact", "--disk-free=best-effort"):
            screen = shell().run(f"{sys.argv[1]} run {where} {mode} -- true".encode())
            # It is asking once it has connected.
            connection, _ = server.accept()
            screen.type(b"\x1a").wait(b"Stopped").run(MODES).wait(RIGHT)
            # It goes on, and ends.
            screen.run(b"fg")
            while os.tcgetpgrp(screen.fd) == screen.pid:
                screen.more(0.01)
            screen.type(b"\x03").run(b'echo "$?="').wait(b"130=")
            equal(screen.bye(), 0)
            connection.close()


def lines_typed_ahead_reach_an_inner_shell():
    screen = shell().wait(PROMPT)
    # All at once, as a paste is.
    inner = f"{P} bash --norc --noediting -i\n"
    screen.type(inner.encode() + b"echo one-$SECRET\necho t''wo\nstty size\nexit\n")
    screen.wait(b"one-" + LABEL + b"\r\n").wait(b"two\r\n").wait(b"24 80\r\n").wait(b"exit\r\n")
    # Each line was echoed when it was typed, and not again.
    equal(screen.seen.count(b"echo one-$SECRET"), 1)
    over(screen)


def an_end_of_input_typed_ahead_reaches_an_inner_terminal():
    screen = shell().wait(PROMPT)
    inner = f"{sys.argv[1]} run --redact --terminal=inner --env-file app.env -- cat\n"
    screen.type(inner.encode() + b"a line\n\x04")
    screen.wait(b"a line\r\n").wait(b"a line\r\n")
    over(screen)


def typed_input_is_wiped():
    typed = b"typed-7c1f-into-the-terminal"
    inner = f"{sys.argv[1]} run --redact --terminal=inner --env-file app.env -- sh -c 'echo ready; cat >/dev/null'"
    # less reads the terminal by its name, and takes what is typed after a slash for a pattern.
    shared = f"{P} less /etc/passwd"
    for line, ready, keys in ((inner, b"ready\r\n", b""), (shared, b"root:", b"/")):
        screen = shell().run(line.encode()).wait(ready).type(keys + typed + b"\n")
        screen.wait(b"Pattern not found" if keys else typed + b"\r\n")
        children = open(f"/proc/{screen.pid}/task/{screen.pid}/children").read().split()
        supervisor = next(pid for pid in children if open(f"/proc/{pid}/comm").read().startswith("hushed"))
        # What was forwarded a moment ago is wiped now: look until it is, and fail at the deadline.
        end = time.monotonic() + 30
        while found := copies(supervisor, typed):
            if time.monotonic() > end:
                sys.exit(f"{found} copies are in memory")
        os.kill(int(supervisor), signal.SIGKILL)
        os.close(screen.fd)
        os.waitpid(screen.pid, 0)


def copies(pid, text):
    """How often the text is in the writable memory of a process."""
    count = 0
    with open(f"/proc/{pid}/maps") as maps, open(f"/proc/{pid}/mem", "rb", 0) as memory:
        for line in maps:
            place, permissions, *_ = line.split()
            if not permissions.startswith("rw"):
                continue
            start, end = (int(number, 16) for number in place.split("-"))
            try:
                memory.seek(start)
                count += memory.read(end - start).count(text)
            except (OSError, ValueError):
                pass  # Hidden from everybody.
    return count


def an_inner_terminal_is_chosen_for_a_shell_alone():
    for command, mode in (("bash -i", b"inner"), ("sh", b"inner"), ("sh -c true", b"shared"), ("env bash -i", b"shared")):
        screen = shell().run(f"{P} {command}".replace(" run ", " plan ", 1).encode())
        screen.wait(b"terminal: " + mode + b" (")
        equal(screen.bye(), 0)
    # Where others use the terminal as well, it is not taken from them.
    screen = shell().run(f"cat | {P} bash -i".replace(" run ", " plan ", 1).encode())
    screen.wait(b"terminal: shared (").type(b"\x04")
    equal(screen.bye(), 0)


signal.alarm(180)
globals()[sys.argv[2]]()
