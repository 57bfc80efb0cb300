"""Plays a user of programs that need a terminal, and have the secrets of app.env redacted.

program.py HUSHED SCENARIO, in the directory of app.env; exits with 0 if all was as it should be, and with
77 where the program is missing.
"""
import contextlib, ctypes, glob, os, shutil, signal, subprocess, sys, tempfile

sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), "../support"))
sys.dont_write_bytecode = True
from screen import MODES, RIGHT, equal, shell

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


def psql_is_used_as_ever():
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


def vim_edits_what_it_may_not_show():
    needs("vim")
    with open("note", "wb") as file:
        file.write(b"password=" + SECRET + b"\n")
    screen = shell().run(b"$P vim -u NONE -N note").wait(b"password=" + LABEL)
    screen.type(b"ohello\x1b").wait(b"hello").type(b":wq\r").wait(b"written")
    over(screen)
    with open("note", "rb") as file:
        equal(file.read(), b"password=" + SECRET + b"\nhello\n")
    os.unlink("note")


def top_runs_until_it_is_quit():
    needs("top")
    over(shell().run(b"$P top").wait(b"load average").wait(b"PID").type(b"q"))


def tmux_gives_a_new_size():
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


signal.alarm(180)
globals()[sys.argv[2]]()
