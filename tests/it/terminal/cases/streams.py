"""Redirections, pipelines, readers that leave, full disks, and what bytes arrive."""
from registry import SHELLS, case, line

BOTH = "run sh -c 'echo out; echo err >&2; exit 3'"
line("redirect/stdout", BOTH + " >file; echo $?; cat file", shells=SHELLS)
line("redirect/stderr", BOTH + " 2>file; echo $?; cat file")
line("redirect/both", BOTH + " >file 2>&1; echo $?; cat file", shells=SHELLS)
line("redirect/both-into-a-pipe", BOTH + " 2>&1 | cat", shells=SHELLS)
line("redirect/stderr-into-a-pipe", BOTH + " 2>&1 >file | cat; cat file")
line("redirect/append", "echo first >file; " + BOTH + " >>file 2>>file; cat file")
line("redirect/swapped", "(" + BOTH + ") 3>&1 1>&2 2>&3 | cat >file; cat file")
line("redirect/stdin-null", "run cat </dev/null")
line("redirect/stdin-file", "seq 3 >file; run cat <file")
line("redirect/stdout-closed", "run sh -c 'echo out 2>/dev/null; echo $? >&2' >&-")
line("redirect/stderr-closed", "run sh -c 'echo out; echo err >&2; echo status $?' 2>&-")
line("redirect/stdin-closed", "run sh -c 'read x; echo status $?' <&- 2>/dev/null")
line("redirect/terminals", "run probe streams; run probe streams | cat; run probe streams </dev/null; run probe streams 2>file")
line("redirect/descriptor-3", "run sh -c 'echo three >&3' 3>file; cat file")
line("redirect/dev-tty", "run sh -c 'echo straight >/dev/tty' >file; cat file")
line("redirect/dev-stdout", "run sh -c 'echo a >/dev/stdout; echo b >/dev/stderr; echo c >/dev/fd/1'")
line("same-file/in-order", "run bash -xc 'echo a; echo b; for x in 1 2 3; do echo $x; done' >file 2>&1; cat file", shells=SHELLS)
line("same-file/in-order-many", "run probe mixed 2000 >file 2>&1; cksum <file; tail -n2 file")
line("same-pipe/in-order-many", "run probe mixed 2000 2>&1 | cksum")
line("same-terminal/in-order", "run bash -xc 'echo a; echo b; for x in 1 2 3; do echo $x; done'", shells=SHELLS)
line("same-terminal/in-order-many", "run probe mixed 400")
line("terminal-and-pipe", "run probe mixed 100 | cksum")
line("terminal-and-file", "run probe mixed 100 2>file; cksum file")
line("reader-leaves/head", "run seq 100000 | head -n1", shells=SHELLS)
line("reader-leaves/status", "run seq 100000 | head -n1; echo ${PIPESTATUS[@]}")
line("reader-leaves/yes", "run yes | head -n3; echo ${PIPESTATUS[@]}")
line("reader-leaves/true", "run sh -c 'trap \"\" PIPE; cat; while echo x; do :; done 2>/dev/null; echo ended >&2' </dev/null | true")
line("reader-leaves/both-streams", "run sh -c 'trap \"\" PIPE; while echo x; do :; done; exit 6' 2>&1 | true; echo ${PIPESTATUS[@]}")
line("closes-stdout-early", "run sh -c 'exec >&-; gate g; exit 5' | sh -c 'cat; echo end of input >file; : >g'; echo ${PIPESTATUS[@]}; cat file")
line("closes-stderr-early", "(run sh -c 'exec 2>&-; gate g; exit 5' 2>&1 >/dev/null) | sh -c 'cat; echo end of input; : >g'")
line("full/echo", "run sh -c 'echo out; echo status $? >&2' >/dev/full 2>file; echo $?", modes=("exec", "init"))
line("full/cat-of-much", "run sh -c 'head -c1000000 /dev/zero | cat' >/dev/full 2>/dev/null; test $? = 0; echo $?")
line("full/yes", "run yes >/dev/full 2>/dev/null; test $? = 0; echo $?")
line("large/terminal", "run seq 20000 | tail -n1; run seq -s, 3000")
line("large/pipe", "run head -c5000000 /dev/zero | cksum")
line("large/file", "run head -c5000000 /dev/zero >.file; cksum .file")
line("large/from-a-pipe", "head -c3000000 /dev/zero | run cat | cksum")
line("bytes/every-byte-into-a-pipe", "run probe binary | cksum")
line("bytes/utf-8-in-pieces", "run probe pieces", "naïve – 日本語 🙂 end")
line("bytes/utf-8-in-pieces-into-a-pipe", "run probe pieces | od -c | head -n2")
line("bytes/carriage-returns", "run printf 'a\\rb\\r\\nc\\r\\r\\nd\\n\\re\\n'")
line("bytes/carriage-return-at-the-end", "run printf 'abc\\r'; echo")
line("bytes/no-newline", "run printf 'a$'; echo; run printf 'x: '; echo; run printf 'S'; echo")
line("bytes/tabs-and-controls", "run printf 'a\\tb\\033[1mc\\033[0m\\a\\b\\f\\vd\\n'")
line("bytes/nul", "run printf 'a\\0b\\n'")
line("bytes/long-line", "run sh -c 'head -c20000 /dev/zero | tr \"\\\\0\" x; echo'")
line("bytes/empty", "run true")
line("bytes/pieces-with-pauses", "run sh -c 'printf a; sleep 0.05; printf \"b\\r\"; sleep 0.05; printf \"\\nc\\n\"'")


@case("large/one-megabyte-on-the-terminal")
def _(t):
    t.run("run sh -c 'seq 150000; echo finished'", "finished").status()
    t.bye()


@case("bytes/every-byte-on-the-terminal")
def _(t):
    t.run("run sh -c 'probe binary; echo; echo finished'", "finished").status()
    t.bye()


@case("reader-leaves/a-silent-command", SHELLS)
def _(t):
    t.run("run sh -c 'echo first; exec cat g' | head -n1", "first").open_gate("g").status()
    t.bye()


@case("reader-leaves/tail-follows", ("bash", "dash"))
def _(t):
    t.run("echo first >file; run tail -f file | head -n1", "first")
    t.status()
    t.bye()


@case("left-over-writer", ("bash",), modes=("exec", "redact"))  # `--init` ends what the command leaves
def _(t):
    t.run("run sh -c '(gate g; echo later) & echo first'", "first")
    t.prompt().open_gate("g").see("later").type("\n")
    t.bye()


@case("left-over-writer/in-a-pipe", ("bash",), modes=("exec", "redact"))
def _(t):
    t.run("run sh -c '(gate g; echo later) & echo first' | cat", "first").open_gate("g").see("later").status()
    t.bye()


@case("partial-line/stays-visible")
def _(t):
    t.run("run sh -c 'printf \"Name: \"; read x; echo \"got $x\"'").text("Name: ").type("word\n").see("got word").status()
    t.bye()


@case("partial-line/of-each-end", ("bash", "dash"))
def _(t):
    for end in "abcS$>:x0":
        t.run(f"run sh -c 'printf \"ask {end}\"; read x; echo \"got $x\"'").find(rb"ask " + (b"\\" + end.encode() if not end.isalnum() else end.encode()))
        t.type("word\n").see("got word")
    t.bye()


@case("partial-line/stderr")
def _(t):
    t.run("run bash -c 'read -p \"Name: \" x; echo \"got $x\"' | cat").text("Name: ").type("word\n").see("got word").status()
    t.bye()
