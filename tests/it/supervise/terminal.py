"""Plays a user at a terminal: types when the screen shows what is waited for, never after a time.

terminal.py PROBE SCENARIO; exits with 0 if all was as it should be.
"""
import fcntl, os, signal, struct, sys, termios

sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), "../support"))
sys.dont_write_bytecode = True
from screen import MODES, PROMPT, RIGHT, Screen, equal, shell

PROBE = sys.argv[1]
os.environ["P"] = PROBE


def probe(*command, options=()):
    return Screen(PROBE, *options, "--", *command)


COUNT = (
    "import signal,sys\nn=[0]\ndef got(*_):\n n[0]+=1\nsignal.signal(signal.SIGINT,got)\n"
    "print('ready',flush=True)\nsys.stdin.readline()\nprint('counted',n[0],flush=True)"
)


def a_terminal_is_a_terminal():
    screen = probe("sh", "-c", "tty; stty size; test -t 0 && test -t 1 && test -t 2 && echo all; exit 3")
    equal(screen.wait(b"/dev/pts/").wait(b"24 80\r\n").wait(b"all\r\n").end(), 3)


def one_terminal_for_two_streams():
    for redirect, terminal in (("2>/dev/null", 1), (">/dev/null", 2)):
        inner = f"""exec 4>&{terminal}; for o in 1 2; do test -t $o && echo is-$o >&4; done
            stty size <&4 >&4; tty >&4; exit 5"""
        screen = Screen("sh", "-c", f"\"$P\" -- sh -c '{inner}' {redirect}")
        screen.wait(f"is-{terminal}\r\n".encode()).wait(b"24 80\r\n").wait(b"/dev/pts/")
        equal(screen.end(), 5)
        equal(f"is-{3 - terminal}".encode() in screen.seen, False)


def ctrl_c_arrives_once():
    screen = probe("python3", "-c", COUNT).wait(b"ready").type(b"\x03").wait(b"^C")
    equal(screen.type(b"\n").wait(b"counted 1\r\n").end(), 0)


def ctrl_c_arrives_once_on_a_shared_terminal():
    screen = probe("python3", "-c", COUNT, options=["--plain"])
    screen.wait(b"ready").type(b"\x03").wait(b"^C")
    equal(screen.type(b"\n").wait(b"counted 1\r\n").end(), 0)


def ctrl_c_ends_the_whole_job():
    # Whoever reads knows that the writer runs: a shell that is about to start one does not die of it.
    screen = shell().run(b"sh -c 'echo; exec sleep 1000' | $P -- sh -c 'read x; echo g''o; exec cat'")
    screen.wait(b"go").type(b"\x03").run(b'echo "${PIPESTATUS[@]}="').wait(b"130 130=")
    equal(screen.bye(), 0)
    equal(probe("sh", "-c", "echo ready; exec sleep 1000").wait(b"ready").type(b"\x03").end(), -2)


def ctrl_d_ends_the_input():
    screen = probe("sh", "-c", "echo ready; cat; echo over").wait(b"ready\r\n")
    equal(screen.type(b"a line\n").wait(b"a line\r\na line\r\n").type(b"\x04").wait(b"over").end(), 0)


def ctrl_z(options):
    screen = shell().run(b"$P " + options + b" -- sh -c 'echo g''o; read x; echo \"got $x\"'")
    screen.wait(b"go").type(b"\x1a").wait(b"Stopped").run(MODES).wait(RIGHT)
    screen.run(b"fg").wait(b"got $x").type(b"word\n").wait(b"got word")
    screen.run(MODES).wait(RIGHT).run(b'echo "$?="').wait(b"0=")
    equal(screen.bye(), 0)


def ctrl_z_gives_the_prompt_and_fg_continues():
    ctrl_z(b"")


def ctrl_z_works_on_a_shared_terminal():
    ctrl_z(b"--plain")


def bg_continues_until_the_command_reads_the_terminal():
    screen = shell().run(b"$P -- sh -c 'echo g''o; read x; echo \"got $x\"'")
    screen.wait(b"go").type(b"\x1a").wait(b"Stopped").run(b"bg").stopped()
    screen.run(b"fg").wait(b"got $x").type(b"word\n").wait(b"got word")
    screen.run(MODES).wait(RIGHT)
    equal(screen.bye(), 0)


def a_background_command_stops_when_it_reads_the_terminal():
    screen = shell().run(b"$P -- sh -c 'echo g''o; read x; echo \"got $x\"' &").wait(b"go")
    screen.stopped().run(b"fg").wait(b"got $x").type(b"word\n").wait(b"got word")
    screen.run(MODES).wait(RIGHT)
    equal(screen.bye(), 0)


def vim_suspends_and_writes():
    if os.system("command -v vim >/dev/null"):
        print("vim is not on this machine")
        sys.exit(77)
    path = f"/tmp/hushed-vim-{os.getpid()}"
    screen = shell().run(b"$P -- vim -u NONE -N " + path.encode()).wait(b"~")
    screen.type(b"ihello\x1b").wait(b"hello").type(b"\x1a").wait(b"Stopped")
    screen.run(MODES).wait(RIGHT).run(b"fg").wait(b"hello").type(b":wq\r")
    screen.run(b"cat " + path.encode()).wait(b"hello\r\n").run(MODES).wait(RIGHT)
    os.unlink(path)
    equal(screen.bye(), 0)


def less_reads_keys_from_a_pipeline():
    screen = shell().run(b"seq 1000 | $P -- less").wait(b":").type(b"G").wait(b"1000").type(b"q")
    equal(screen.run(MODES).wait(RIGHT).bye(), 0)


def a_pipeline_into_less():
    screen = shell().run(b"$P -- seq 1000 | less").wait(b":").type(b"G").wait(b"1000").type(b"q")
    equal(screen.run(MODES).wait(RIGHT).bye(), 0)


def a_shell_has_job_control():
    for options in (b"", b"--plain"):
        screen = shell().run(b"$P " + options + b" -- bash --norc --noediting -i")
        screen.run(b"sh -c 'echo g''o; read x'").wait(b"go").type(b"\x1a").wait(b"Stopped")
        screen.run(b"jobs").wait(b"[1]+  Stopped").run(b"fg").wait(b"read x").type(b"\n")
        screen.run(b"exit").run(b"echo ba''ck").wait(b"back").run(MODES).wait(RIGHT)
        equal(screen.bye(), 0)


def a_password_is_not_echoed():
    screen = probe("bash", "-c", "read -rsp 'Password: ' x; echo; echo \"${#x} characters\"")
    screen.wait(b"Password: ").type(b"canary-password\n").wait(b"15 characters")
    equal(screen.end(), 0)
    equal(b"canary" in screen.seen, False)


def the_command_sees_a_new_terminal_size():
    inner = "trap 'stty size; exit' WINCH; echo ready; while :; do sleep 0.01; done"
    screen = probe("bash", "-c", inner).wait(b"ready")
    fcntl.ioctl(screen.fd, termios.TIOCSWINSZ, struct.pack("HHHH", 33, 99, 0, 0))
    equal(screen.wait(b"33 99").end(), 0)


def modes_that_stty_sets_stay():
    screen = shell().run(b"$P -- stty -echo").wait(PROMPT).type(b"stty -a | grep -o -- '-echo '\n")
    screen.wait(b"-echo ").wait(PROMPT).type(b"exit\n")
    equal(screen.end(), 0)


def modes_are_restored_after_the_command_is_killed():
    for options in (b"", b"--plain"):
        screen = shell().run(b"$P " + options + b" -- sh -c 'stty raw -echo; kill -9 $$'")
        screen.wait(b"Killed")
        equal(screen.run(MODES).wait(RIGHT).bye(), 0)


def modes_are_restored_after_a_panic():
    screen = shell().run(b"$P --panic --terminal=inner -- sh -c 'stty raw -echo; echo word; exec sleep 1000'")
    screen.wait(b"panicked at").run(MODES).wait(RIGHT)
    equal(screen.bye(), 0)


def modes_are_restored_after_hushed_is_killed():
    # Its parent is the process between, and that one's parent is the supervisor.
    script = b"kill -9 $(cut -d\" \" -f4 /proc/$PPID/stat); exec sleep 1000"
    screen = shell().run(b"$P --terminal=inner -- sh -c '" + script + b"'").wait(b"Killed")
    # What gives the modes back is another process, and nobody waits for it.
    screen.run(b"until stty -a | grep -q ' icanon'; do :; done").run(MODES).wait(RIGHT)
    screen.run(b"while pgrep -f '^sleep 1000$' -s $$ ; do :; done; echo go''ne").wait(b"gone")
    equal(screen.bye(), 0)


def a_hangup_reaches_the_command():
    reader, writer = os.pipe()
    os.set_inheritable(writer, True)
    screen = probe("bash", "-c", f"trap 'echo hup >&{writer}; exit' HUP; echo ready; while :; do sleep 0.01; done")
    os.close(writer)
    screen.wait(b"ready")
    os.close(screen.fd)
    equal(os.read(reader, 10), b"hup\n")
    os.waitpid(screen.pid, 0)


signal.alarm(180)
globals()[sys.argv[2]]()
