"""Terminal modes and sizes, and programs that draw on the screen."""
from registry import SHELLS, case, line
from session import need

line("modes/onlcr", "run sh -c 'stty -onlcr; echo one; echo two; stty onlcr; echo; echo three'")
line("modes/opost", "run sh -c 'stty -opost; echo one; printf \"\\ta\\n\"; stty opost; echo; echo three'")
line("modes/ocrnl", "run sh -c 'stty ocrnl; printf \"a\\rb\\n\"; stty -ocrnl'; printf 'c\\rd\\n'")
line("modes/olcuc", "run sh -c 'stty olcuc; echo upper; stty -olcuc; echo lower'")
line("modes/tab3", "run sh -c 'stty tab3; printf \"a\\tb\\n\"; stty tab0; printf \"a\\tb\\n\"'")
line("modes/command-sees-them", "run stty -a")
line("modes/command-sees-them-on-stdout", "run sh -c 'stty -a <&1'; run sh -c 'stty size <&2'")
line("modes/outer-onlcr", "stty -onlcr; run sh -c 'echo one; echo two'; stty onlcr; echo")
line("modes/outer-opost", "stty -opost; run sh -c 'echo one; echo two'; stty opost; echo")
line("modes/outer-changed", "stty erase ^H intr ^K; run stty -a; stty erase ^? intr ^C")
line("modes/set-and-kept", "run stty intr ^K; stty -a | head -n2; stty intr ^C")
line("modes/set-on-stdout-and-kept", "run sh -c 'stty intr ^K <&1'; stty -a | head -n2; stty intr ^C")
line("modes/set-by-a-script", "sh -c 'run stty -echo; stty -a | grep -o -e \"-*echo \"; stty echo'", shells=SHELLS)
line("size/command-sees-it", "run stty size; run sh -c 'stty size </dev/tty; stty size <&1; stty size <&2'", shells=SHELLS)
line("size/tput", "run tput cols; run tput lines; run sh -c 'tput cols | cat'")
line("size/set-by-the-command", "run stty rows 40 cols 100; stty size; stty rows 30 cols 200")
line("size/zero", "stty rows 0 cols 0; run stty size; stty rows 30 cols 200")
line("place/foreground", "run probe groups; run probe groups >file; cat file", shells=SHELLS)
line("place/tty", "run tty; run tty </dev/null; run sh -c 'tty <&1 >file'; test -s file; echo $?")
line("place/ps", "run ps -o stat= -C ps | cut -c1; run sh -c 'ps -o tty= -p $$ | grep -c pts'")
line("place/setsid", "run setsid -w sh -c 'echo out; : </dev/tty' 2>/dev/null")
line("place/stdin-is-the-terminal", "run sh -c 'echo straight >&0; echo through'", modes=("exec", "init"))


@case("modes/echo-off-stays", ("bash", "dash"))
def _(t):
    t.run("run stty -echo").blind("stty -a | grep -oe '-echo '").see("-echo ").blind("stty echo")
    t.bye()


@case("modes/raw-and-killed", ("bash",))
def _(t):
    t.run("run sh -c 'stty raw -echo; kill -9 $$'").status()
    t.bye()


@case("modes/raw-on-stdout-and-killed", ("bash",))
def _(t):
    t.run("run sh -c 'stty raw -echo <&1; kill -9 $$'").status()
    t.bye()


@case("modes/raw-and-stopped", ("bash",))
def _(t):
    t.run("run sh -c 'stty -echo -icanon; echo ready; kill -STOP $$; stty -a | grep -o -e \"-*icanon\"; stty sane; read x'", "ready")
    t.run("echo back", "back").run("stty -g").fg().find(rb"icanon").end()
    t.type("\n").status()
    t.bye()


@case("modes/set-while-it-runs", ("bash",))
def _(t):
    t.run("run sh -c 'echo ready; gate g; stty -a | grep -o -e \"-*echok \"; gate h; echo over'", "ready")
    import os, termios
    slave = os.open(t.tty, os.O_RDWR | os.O_NOCTTY)
    modes = termios.tcgetattr(slave)
    modes[3] &= ~termios.ECHOK
    termios.tcsetattr(slave, termios.TCSANOW, modes)
    os.close(slave)
    t.open_gate("g").see("-echok ").open_gate("h").see("over").run("stty echok")
    t.bye()


@case("password/read-s", SHELLS)
def _(t):
    t.run("run bash -c 'read -rsp \"Password: \" x; echo; echo \"${#x} characters\"'").text("Password: ").type("hidden\n").see("6 characters").status()
    t.bye()


@case("password/stty", ("bash", "dash"))
def _(t):
    t.run("run sh -c 'stty -echo; printf \"Password: \"; read x; stty echo; echo; echo \"${#x} characters\"'").text("Password: ")
    t.type("hidden\n").see("6 characters").status()
    t.bye()


@case("password/getpass")
def _(t):
    t.run("run probe password").text("Password: ").type("hidden\n").see("6 characters").status()
    t.bye()


@case("password/ctrl-c")
def _(t):
    t.run("run bash -c 'read -rsp \"Password: \" x'").text("Password: ").key("^C").status()
    t.bye()


@case("password/getpass-with-output-to-a-file")
def _(t):
    t.run("run probe password >file").text("Password: ").type("hidden\n").prompt()
    t.at -= len("PROMPT> ")
    t.run("cat file", "6 characters").bye()


@case("size/changes", ("bash", "dash"))
def _(t):
    t.run("run probe winch", "ready").resize(33, 99).see("size 33 99").resize(44, 111).see("size 44 111").resize(50, 120).see("size 50 120").status()
    t.run("stty size", "50 120").bye()


@case("size/changes-with-a-trap", ("bash",))
def _(t):
    t.run("run bash -c 'trap \"stty size </dev/tty; exit 4\" WINCH; echo ready; while :; do read -t 1000 x <>g; done'", "ready").waits("bash").resize(33, 99).see("33 99").status()
    t.bye()


@case("size/changes-in-a-pipeline")
def _(t):
    t.run("run bash -c 'trap \"stty size </dev/tty; exit 4\" WINCH; echo ready; while :; do read -t 1000 x <>g; done' | cat", "ready").waits("bash").resize(33, 99).see("33 99").status()
    t.bye()


@case("size/changes-while-stopped", ("bash", "zsh"))
def _(t):
    t.run("run sh -c 'echo ready; kill -STOP $$; stty size; stty size <&1'", "ready").prompt().resize(33, 99)
    t.at -= len("PROMPT> ")
    t.fg().see("33 99", "33 99").status()
    t.bye()


@case("size/changes-in-the-background")
def _(t):
    t.run("run sh -c 'gate g; stty size <&1' &").prompt().resize(33, 99).open_gate("g").see("33 99").children(0).enter_until("Done")
    t.bye()


VIM = "run vim -u NONE -i NONE -n -N --cmd 'set ruler t_RV= t_u7= t_RF= t_RB=' file"


def draws(name, *tools, shells=("bash",)):
    """Registers a case of a program that may be missing."""
    def register(play):
        def needing(t):
            need(*tools)
            play(t)
        needing.__module__ = __name__
        return case(name, shells)(needing)
    return register


@draws("less/file", "less")
def _(t):
    t.run("seq 1000 >.file; run less .file").text(".file").type("G").text("1000").text("(END)").type("q").status()
    t.bye()


@draws("less/pipeline", "less")
def _(t):
    t.run("seq 1000 | run less").text("28", ":").type("G").text("1000").text("(END)").type("q").status()
    t.bye()


@draws("less/reads-the-output", "less")
def _(t):
    t.run("run seq 1000 | less").text("28", ":").type("G").text("1000").text("(END)").type("q").status()
    t.bye()


@draws("less/search", "less")
def _(t):
    t.run("seq 1000 | run less").text("28", ":").type("/").text("/").type("77\r").text("105").text(":").type("q").status()
    t.bye()


@draws("less/ctrl-z", "less")
def _(t):
    t.run("seq 1000 | run less").text("28", ":").waits("less").key("^Z").run("stty -g").fg().text("28", ":").type("q").status()
    t.bye()


@draws("less/ctrl-c", "less")
def _(t):
    t.run("seq 1000 | run less").text("28", ":").waits("less").key("^C").text(":").type("q").status()
    t.bye()


@draws("more", "more")
def _(t):
    t.run("seq 100 >.file; run more .file").text("--More--").type(" ").text("--More--").type("q").status()
    t.bye()


@draws("vim/writes", "vim")
def _(t):
    t.run(VIM).text("~").text("All").type("ihello").text("hello").type("\x1b:wq\r").text("written").status()
    t.bye()


@draws("vim/ctrl-z", "vim")
def _(t):
    t.run(VIM).text("~").text("All").type("ihello").text("hello").type("\x1b").text("1,5").waits("vim").key("^Z")
    t.run("stty -g").run("fg").text("hello").text("~").text("All").type(":wq\r").text("written").status()
    t.bye()


@draws("vim/resize", "vim")
def _(t):
    t.run(VIM).text("~").text("All").waits("vim").resize(20, 100).text("All").type(":echo &lines &columns\r").text("20 100").type(":q\r").status()
    t.bye()


@draws("top", "top")
def _(t):
    t.run("run top -d1000")
    begin = t.at
    t.text("PID").type("q").prompt().forget(begin).status()
    t.bye()


@draws("man", "man")
def _(t):
    with open(f"{t.directory}/page.1", "w") as file:
        file.write(".TH PAGE 1\n.SH NAME\n" + "".join(f"line {k}\n.br\n" for k in range(90)))
    t.run("run man -l page.1").text("line 9").text("press h for help or q to quit").type("q").status()
    t.bye()


@draws("python/repl", "python3")
def _(t):
    t.run("TERM=dumb run python3 -ISq").text(">>> ").type("1+1\n").text("2", ">>> ").type("print('a'*3)\n").text("aaa", ">>> ").key("^D").status()
    t.bye()


@draws("python/repl-ctrl-c", "python3")
def _(t):
    t.run("TERM=dumb run python3 -ISq").text(">>> ").waits("python3").key("^C").text("KeyboardInterrupt", ">>> ").key("^D").status()
    t.bye()


@case("curses")
def _(t):
    t.run("run probe curses").text("size (30, 200)").waits("python3").type("x").text("key 120.").type("q").see("over").status()
    t.bye()


@case("curses/resize")
def _(t):
    t.run("run probe curses").text("size (30, 200)").waits("python3").resize(20, 80).text("key 410.").type("x").text("120.").type("q").see("over").status()
    t.bye()


@case("curses/ctrl-z")
def _(t):
    t.run("run probe curses").text("size (30, 200)").waits("python3").key("^Z").run("stty -g").fg().text("size (30, 200)").waits("python3").type("x").text("key 120.").type("q").see("over").status()
    t.bye()
