"""Keys: interrupt, quit, suspend, end of file, and what is typed to the command."""
from registry import SHELLS, case

COMMANDS = {
    "dies": "run sh -c 'echo ready; exec sleep 1000'",
    "exits-0": """run sh -c 'trap "exit 0" INT QUIT; echo ready; while :; do sleep 1000; done'""",
    "exits-7": """run sh -c 'trap "exit 7" INT QUIT; echo ready; while :; do sleep 1000; done'""",
    "catches": """run bash -c 'trap "echo caught; exit 3" INT QUIT; echo ready; while :; do sleep 1000; done'""",
}


def interrupts(name, line, key, shells, sleeping=1):
    @case(name, shells)
    def play(t):
        t.run(line, "ready").state("sleep", "S", sleeping).key(key).status()
        t.bye()


for kind, line in COMMANDS.items():
    interrupts(f"ctrl-c/{kind}", line, "^C", SHELLS if kind in ("dies", "exits-0") else ("bash",))
interrupts("ctrl-backslash/dies", "ulimit -c 0; " + COMMANDS["dies"], "^\\", ("bash", "dash"))
interrupts("ctrl-backslash/exits-0", COMMANDS["exits-0"], "^\\", ("bash",))
interrupts("ctrl-c/first-of-a-pipeline", COMMANDS["dies"] + " | cat", "^C", SHELLS)
interrupts("ctrl-c/middle-of-a-pipeline", "sleep 1000 | run sh -c 'echo ready; exec cat' | cat", "^C", ("bash",))
interrupts("ctrl-c/last-of-a-pipeline", "sleep 1000 | run sh -c 'echo ready >&2; exec cat'", "^C", ("bash", "dash"))
interrupts("ctrl-c/stdin-null", COMMANDS["dies"] + " </dev/null", "^C", ("bash",))
interrupts("ctrl-c/stderr-to-file", COMMANDS["dies"] + " 2>err", "^C", ("bash",))
interrupts("ctrl-c/stdout-to-file", "run sh -c 'echo ready >&2; exec sleep 1000' >out", "^C", ("bash",))
interrupts("ctrl-c/in-a-subshell", "(" + COMMANDS["dies"] + "); echo after", "^C", ("bash", "zsh"))
interrupts("ctrl-c/with-line-editing", COMMANDS["dies"], "^C", ("bash-edit",))
interrupts("ctrl-c/in-a-list", COMMANDS["dies"] + "; echo next", "^C", SHELLS)
interrupts("ctrl-c/exits-0-in-a-list", COMMANDS["exits-0"] + "; echo next", "^C", SHELLS)
interrupts("ctrl-c/in-an-and-list", COMMANDS["exits-0"] + " && echo next", "^C", ("bash",))
interrupts("ctrl-c/in-a-loop", "for x in 1 2 3; do " + COMMANDS["dies"] + "; done", "^C", ("bash", "zsh"))
interrupts("ctrl-c/of-two-in-a-pipeline", "run sleep 1000 | " + COMMANDS["dies"], "^C", ("bash",), sleeping=2)


@case("ctrl-c/counted", SHELLS)
def _(t):
    t.run("run probe count INT", "ready")
    for k in range(3):
        t.key("^C").find(rb"\^C")
        t.type("more\n").see("more", f"so far INT={k + 1}")
    t.type("end\n").see("counted INT=3").status()
    t.bye()


@case("ctrl-c/counted-by-a-family", ("bash", "dash"))
def _(t):
    t.run("run probe family out g INT").find(rb"(?s)ready out[12]\r*\n.*ready out[12]\r*\n")
    t.seen = b""  # the two are ready in any order
    t.at = 0
    t.key("^C").find(rb"\^C")
    t.file(".out1", "INT").file(".out2", "INT").open_gate("g1").open_gate("g2").see("family INT=1").status()
    t.bye()


@case("ctrl-c/ignored", ("bash", "dash"))
def _(t):
    t.run("""run sh -c 'trap "" INT; echo ready; read x; echo "got $x"'""", "ready").key("^C").find(rb"\^C")
    t.type("word\n").see("got word").status()
    t.bye()


@case("ctrl-c/flushes-typed-text", ("bash",))
def _(t):
    t.run("run probe count INT", "ready").ahead("unfinished").key("^C").find(rb"\^C")
    t.type("end\n").see("counted INT=1").status()
    t.bye()


@case("ctrl-c/while-reading", SHELLS)
def _(t):
    t.run("run sh -c 'echo ready; read x; echo never'", "ready").key("^C").status()
    t.bye()


@case("ctrl-c/twice-at-once", ("bash",))
def _(t):
    t.run("""run bash -c 'trap "echo one; trap \\"echo two; exit 4\\" INT" INT; echo ready; while :; do sleep 1000; done'""", "ready")
    t.state("sleep", "S").key("^C").see("one").state("sleep", "S").key("^C").see("two").status()
    t.bye()


@case("ctrl-z/fg", SHELLS)
def _(t):
    t.run("run sh -c 'echo ready; read x; echo \"got $x\"'", "ready").key("^Z")
    t.run("echo back", "back").fg().type("word\n").see("got word").status()
    t.bye()


@case("ctrl-z/with-line-editing", ("bash-edit",))
def _(t):
    t.run("run sh -c 'echo ready; read x; echo \"got $x\"'", "ready").key("^Z")
    t.run("echo back", "back").fg().type("word\n").see("got word").status()
    t.bye()


@case("ctrl-z/three-times", ("bash", "zsh"))
def _(t):
    t.run("run cat").type("one\n").see("one", "one")
    for k in range(3):
        t.key("^Z").run("jobs").fg().type(f"line{k}\n").see(f"line{k}", f"line{k}")
    t.key("^D").status()
    t.bye()


@case("ctrl-z/modes-while-stopped", SHELLS)
def _(t):
    t.run("run sh -c 'echo ready; exec cat'", "ready").key("^Z").run("stty -g; stty size")
    t.kill_job().status()
    t.bye()


@case("ctrl-z/bg-then-fg", ("bash", "dash"))
def _(t):
    t.run("run sh -c 'echo ready; gate g; echo through; read x; echo \"got $x\"'", "ready").state("gate", "S").key("^Z").bg()
    t.prompt().open_gate("g").see("through").enter_until("Stopped").fg().type("word\n").see("got word").status()
    t.bye()


@case("ctrl-z/kill-percent", SHELLS)
def _(t):
    t.run("run sh -c 'echo ready; exec sleep 1000'", "ready").key("^Z")
    t.kill_job().status()
    t.bye()


@case("ctrl-z/pipeline", ("bash", "dash"))
def _(t):
    t.run("cat | run sh -c 'echo ready >&2; exec cat' | cat", "ready").type("one\n").see("one", "one").key("^Z")
    t.fg().type("two\n").see("two", "two").key("^D").status()
    t.bye()


@case("ctrl-z/signal-is-caught", ("bash",))
def _(t):
    t.run("run probe count TSTP CONT", "ready").key("^Z").find(rb"\^Z")
    t.type("more\n").see("so far TSTP=1 CONT=0").type("end\n").see("counted TSTP=1 CONT=0").status()
    t.bye()


@case("ctrl-z/is-told-to-continue", ("bash", "dash"))
def _(t):
    t.run("run probe count CONT", "ready").key("^Z").fg().type("more\n").see("so far CONT=1").type("end\n").see("counted CONT=1").status()
    t.bye()


@case("ctrl-z/ignored", ("bash",))
def _(t):
    t.run("""run sh -c 'trap "" TSTP; echo ready; read x; echo "got $x"'""", "ready").key("^Z").find(rb"\^Z")
    t.type("word\n").see("got word").status()
    t.bye()


@case("ctrl-d/ends-the-input", SHELLS)
def _(t):
    t.run("run sh -c 'echo ready; cat; echo over'", "ready").type("a line\n").see("a line", "a line").key("^D").see("over").status()
    t.bye()


@case("ctrl-d/after-text", ("bash",))
def _(t):
    t.run("run sh -c 'echo ready; cat; echo over'", "ready").ahead("text").key("^D").text("text").key("^D").see("over").status()
    t.bye()


@case("ctrl-d/first-of-a-pipeline", ("bash", "dash"))
def _(t):
    t.run("cat | run cat").type("one\n").see("one", "one").key("^D").status()
    t.bye()


@case("ctrl-d/pipeline-in-reverse", ("bash", "dash"))
def _(t):
    t.run("run cat | cat").type("one\n").see("one", "one").key("^D").status()
    t.bye()


@case("ctrl-d/shell-in-the-command", ("bash",))
def _(t):
    t.run("run sh -c 'echo ready; read x; read y || echo no more; cat; echo over'", "ready")
    t.type("one\n").key("^D").see("no more").key("^D").see("over").status()
    t.bye()


@case("erase-and-kill", ("bash",))
def _(t):
    t.run("run sh -c 'echo ready; read x; echo \"got $x\"'", "ready").type("abc\x7f\x7fxy\n").see("got axy").status()
    t.run("run sh -c 'echo ready; read x; echo \"got $x\"'", "ready").type("abc\x15xy\n").see("got xy").status()
    t.bye()


@case("flow-control", ("bash",))
def _(t):
    t.run("run sh -c 'echo ready; read x; echo \"got $x\"'", "ready").type("\x13").type("word\n").type("\x11").see("got word").status()
    t.bye()


@case("literal-next", ("bash",))
def _(t):
    t.run("run sh -c 'echo ready; read x; printf %s \"$x\" | od -c'", "ready").type("a\x16\x03b\n").see("0000003").status()
    t.bye()
