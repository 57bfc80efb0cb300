"""Scripts around the command, exit statuses, and signals from programs instead of keys."""
from registry import SHELLS, case, line

SLEEP = "echo ready; exec sleep 1000"
ZERO = 'trap "exit 0" INT TERM; echo ready; while :; do sleep 1000; done'
inner = {"dies": SLEEP, "exits-0": ZERO}

for kind, text in inner.items():
    for outer in ("sh", "bash", "zsh"):
        @case(f"next/{kind}-in-{outer}")
        def _(t, text=text, outer=outer):
            with open(f"{t.directory}/.script", "w") as file:
                file.write(f"run sh -c '{text}'\necho NEXT $?\n")
            t.run(f"{outer} .script", "ready").state("sleep", "S").key("^C").status()
            t.bye()

    @case(f"next/{kind}-in-a-loop")
    def _(t, text=text):
        with open(f"{t.directory}/.script", "w") as file:
            file.write(f"for x in 1 2; do run sh -c '{text}'; done; echo NEXT $?\n")
        t.run("bash .script", "ready").state("sleep", "S").key("^C").find(rb"ready|PROMPT> ")
        t.at = 0
        if t.seen.count(b"ready\r\n") > 1:
            t.state("sleep", "S").key("^C")
        t.at = t.seen.rindex(b"ready")
        t.status()
        t.bye()

    @case(f"next/{kind}-in-a-pipeline")
    def _(t, text=text):
        with open(f"{t.directory}/.script", "w") as file:
            file.write(f"run sh -c '{text}' | cat\necho NEXT $?\n")
        t.run("sh .script", "ready").state("sleep", "S").key("^C").status()
        t.bye()


@case("next/sh-c", SHELLS)
def _(t):
    t.run("sh -c 'run sh -c \"trap \\\"exit 0\\\" INT; echo ready; while :; do sleep 1000; done\"; echo NEXT'", "ready")
    t.state("sleep", "S").key("^C").status()
    t.bye()


@case("next/shell-that-traps", ("bash",))
def _(t):
    t.run("bash -c 'trap \"echo outer; exit 9\" INT; run sh -c \"echo ready; exec sleep 1000\"; echo NEXT'", "ready").key("^C").status()
    t.bye()


@case("next/quit-in-a-script", ("bash",))
def _(t):
    t.run("ulimit -c 0").run("sh -c 'run sh -c \"echo ready; exec sleep 1000\"; echo NEXT $?'", "ready").key("^\\").status()
    t.bye()


for number in (1, 2, 3, 6, 9, 13, 14, 15):
    line(f"status/signal-{number}", f"ulimit -c 0; run sh -c 'kill -{number} $$'", shells=SHELLS if number in (2, 9, 15) else ("bash",))
for number in (0, 1, 77, 125, 126, 127, 130, 143, 255):
    line(f"status/exit-{number}", f"run sh -c 'exit {number}'")
line("status/in-a-script", "sh -c 'run sh -c \"kill -TERM \\$\\$\"; echo status $?'")
line("status/segfault-in-a-script", "ulimit -c 0; bash -c 'run sh -c \"kill -SEGV \\$\\$\"; echo status $?'")
line("status/pipefail", "set -o pipefail; run sh -c 'exit 3' | run sh -c 'cat; exit 0'")
line("status/pipestatus", "run sh -c 'exit 3' | run sh -c 'exit 4' | run sh -c 'exit 5'; echo ${PIPESTATUS[@]}")
line("status/not", "! run false; echo $?")
line("status/if", "if run false; then echo yes; else echo no; fi")
line("status/set-e", "(set -e; run false; echo never)")
line("status/nested", "run run sh -c 'exit 7'")
line("status/nested-signal", "run run sh -c 'kill -TERM $$'")
line("substitution", "echo $(run echo inner)", shells=SHELLS)
line("substitution/status", "x=$(run sh -c 'echo inner; exit 4'); echo $? $x")
line("substitution/of-a-process", "cat <(run echo inner)", shells=("bash", "zsh"))
line("heredoc", "run cat <<<word")
line("timeout/ends", "timeout 60 run echo inner")
line("timeout/foreground", "timeout --foreground 60 run sh -c 'kill -TERM $$'")


@case("timeout/ctrl-c", SHELLS)
def _(t):
    # Whether timeout dies of the signal or ends with 130 depends on time; for bash that is an empty line.
    t.run("timeout 1000 run sh -c 'echo ready; exec sleep 1000'", "ready")
    begin = t.at
    t.key("^C").prompt().forget(begin).status()
    t.bye()


@case("timeout/is-terminated", ("bash",))
def _(t):
    t.run("timeout 1000 run probe count TERM CONT </dev/null 2>&1 | cat").see("counted TERM=0 CONT=0").status()
    t.run("timeout 1000 run sh -c 'echo ready; exec sleep 1000'", "ready").waits("timeout").kill("timeout", "SIGTERM").status()
    t.bye()


@case("timeout/expires", ("bash",))
def _(t):
    t.run("timeout 0.2 run sleep 1000").status()
    t.bye()


@case("timeout/expires-in-the-foreground", ("bash",))
def _(t):
    t.run("timeout --foreground 0.2 run sleep 1000").status()
    t.bye()


@case("kill/the-whole-group", SHELLS)
def _(t):
    t.run("run probe family out g TERM >log &").file("log", "out1").file("log", "out2").run("kill -TERM -$!")
    t.prompt().file(".out1", "TERM").file(".out2", "TERM").open_gate("g1").open_gate("g2").children(0).enter_until("one").run("cat log").find(rb"family TERM=1")
    import os
    os.unlink(f"{t.directory}/log")
    t.seen = t.seen.replace(b"ready out1\r\n", b"").replace(b"ready out2\r\n", b"")
    t.at = t.seen.rindex(b"family")
    t.bye()


@case("kill/a-stranger-in-the-group", ("bash",))
def _(t):
    t.run("sh -c 'probe record one g1 TERM & run probe record two g2 TERM & wait; wait' >log &")
    t.file("log", "ready one").file("log", "ready two").run("kill -TERM -$!").prompt()
    t.file(".one", "TERM").file(".two", "TERM").open_gate("g1").open_gate("g2")
    import os
    t.children(0).enter_until("erminated")
    os.unlink(f"{t.directory}/log")
    t.bye()


@case("kill/by-a-name-of-the-job", ("bash", "zsh"))
def _(t):
    t.run("run probe record out g USR1 >log &").file("log", "ready").run("kill -USR1 %1").prompt().file(".out", "USR1").open_gate("g").children(0).enter_until("one")
    t.bye()


@case("kill/sibling-in-a-pipeline", ("bash",))
def _(t):
    t.run("run probe record one g1 TERM | probe record two g2 TERM >log &").file("log", "ready two").state("python3", "S", 2)
    t.run("kill -TERM %1").prompt().file(".one", "TERM").file(".two", "TERM").open_gate("g1").open_gate("g2").children(0).enter_until("one")
    t.bye()


@case("kill/the-command-kills-its-group", ("bash",))
def _(t):
    t.run("run sh -c 'trap \"\" TERM; echo ready; kill -TERM 0; echo alive'", "ready").see("alive").status()
    t.bye()


@case("kill/the-command-interrupts-its-group", ("bash",))
def _(t):
    t.run("sh -c 'run sh -c \"kill -INT 0\"; echo NEXT'").status()
    t.bye()


@case("kill/parent-by-the-command", ("bash",))
def _(t):
    t.run("bash -c 'trap \"echo told; exit 5\" USR1; run sh -c \"kill -USR1 $$\"; echo NEXT'").see("told").status()
    t.bye()


@case("kill/KILL-of-the-group", ("bash", "dash"))
def _(t):
    t.run("run sh -c 'echo >up; sleep 1000; :' &").file("up").run("kill -KILL -$!").children(0).prompt().enter_until("Killed")
    t.bye()
