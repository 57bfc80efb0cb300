"""Job control: background jobs that read and write, fg, bg, kill, disown, hangup, a shell that ends first."""
from registry import SHELLS, case

GATED = "run sh -c 'gate g; echo out; echo status $? >file'"
READER = "run sh -c 'read x; echo \"got $x\"'"


@case("background/runs", SHELLS)
def _(t):
    t.run("run sh -c 'gate g; echo out >file' &").prompt().open_gate("g").children(0).enter_until("Done" if t.shell != "zsh" else "done")
    t.run("cat file", "out").bye()


@case("background/writes-to-the-terminal", SHELLS)
def _(t):
    t.run(GATED + " &").prompt().open_gate("g").see("out").children(0).enter_until("one")
    t.bye()


@case("background/stdin-null", ("bash", "dash"))
def _(t):
    t.run("run sh -c 'gate g; cat; echo out' </dev/null &").prompt().open_gate("g").see("out").children(0).enter_until("one")
    t.bye()


@case("background/modes-while-it-runs", SHELLS)
def _(t):
    t.run(GATED + " &").run("stty -g; stty size").prompt().open_gate("g").see("out").children(0).enter_until("one")
    t.bye()


@case("background/tostop", SHELLS)
def _(t):
    stopped = "suspended" if t.shell == "zsh" else "Stopped"
    t.run("stty tostop").run(GATED + " &").prompt().open_gate("g").enter_until(stopped).fg().see("out")
    t.run("stty -tostop").run("cat file", "status 0").bye()


@case("background/tostop-and-killed", ("bash",))
def _(t):
    t.run("stty tostop").run(GATED + " &").prompt().open_gate("g").enter_until("Stopped").kill_job()
    t.run("stty -tostop").bye()


@case("background/tostop-and-a-file", ("bash",))
def _(t):
    t.run("stty tostop").run("run sh -c 'gate g; echo out' >file &").prompt().open_gate("g").children(0).enter_until("Done")
    t.run("stty -tostop").bye()


@case("background/tostop-stderr", ("bash",))
def _(t):
    t.run("stty tostop").run("run sh -c 'gate g; echo out >&2' >file &").prompt().open_gate("g").enter_until("Stopped").fg().see("out")
    t.run("stty -tostop").bye()


@case("background/tostop-set-by-the-command", ("bash",))
def _(t):
    t.run("run sh -c 'stty tostop; stty -a | grep -o -e \"-*tostop\"'", "tostop").run("stty -tostop").bye()


@case("background/reads", SHELLS)
def _(t):
    stopped = "suspended" if t.shell == "zsh" else "Stopped"
    t.run(READER + " &").prompt().enter_until(stopped).fg().type("word\n").see("got word").status()
    t.bye()


@case("background/reads-in-a-pipeline", ("bash",))
def _(t):
    t.run(READER + " | cat &").prompt().enter_until("Stopped").fg().type("word\n").see("got word").status()
    t.bye()


@case("background/stty-stops", ("bash", "dash"))
def _(t):
    t.run("run stty -echo &").prompt().enter_until("Stopped").kill_job()
    t.bye()


@case("background/kill-percent", SHELLS)
def _(t):
    t.run("run sh -c 'echo >up; exec sleep 1000' &").file("up").kill_running_job()
    t.bye()


@case("background/kill-percent-counted", ("bash", "zsh"))
def _(t):
    t.run("run probe family out g TERM &").find(rb"(?s)ready out[12]\r*\n.*ready out[12]\r*\n")
    t.seen, t.at = b"PROMPT> ", 0
    t.run("kill %1").prompt().file(".out1", "TERM").file(".out2", "TERM").open_gate("g1").open_gate("g2").see("family TERM=1").children(0).enter_until("one")
    t.bye()


@case("background/kill-of-the-pid", ("bash", "dash"))
def _(t):
    t.run("run probe record out g TERM >log &").file("log", "ready").run("kill $!").prompt().file(".out", "TERM").open_gate("g").children(0).enter_until("Done")
    t.bye()


@case("background/wait", ("dash", "zsh"))
def _(t):
    t.run("run sh -c 'gate g; exit 7' & run sh -c 'gate h; exit 8' & wait").open_gate("g").children(1).open_gate("h").status()
    t.bye()


@case("background/wait-for-one", SHELLS)
def _(t):
    t.run("run sh -c 'gate g; exit 7' &").run("wait $!").open_gate("g").status()
    t.bye()


@case("background/fg-of-a-running-job", SHELLS)
def _(t):
    t.run("run sh -c 'gate g; read x; echo \"got $x\"; exit 5' &").fg().open_gate("g").type("word\n").see("got word").status()
    t.bye()


@case("background/fg-then-ctrl-c", SHELLS)
def _(t):
    t.run("run sh -c 'echo >up; exec sleep 1000' &").file("up").fg().handed_over().key("^C").status()
    t.bye()


@case("background/ctrl-c-is-not-for-it", ("bash", "dash"))
def _(t):
    t.run("run probe record out g INT >log &").file("log", "ready").run("cat").state("cat", "S").key("^C").prompt().open_gate("g").children(0).enter_until("Done")
    t.bye()


@case("background/two-jobs", ("bash",))
def _(t):
    t.run("run sh -c 'echo one >up; exec cat' &").prompt().enter_until("Stopped").run("run sh -c 'echo ready; exec cat'", "ready").key("^Z")
    t.run("jobs").kill_job(2, left=1).kill_job()
    t.bye()


@case("disown", ("bash", "zsh"))
def _(t):
    t.run("run sh -c 'gate g; echo out >file' &").run("disown").run("jobs").prompt().open_gate("g").children(0)
    t.at -= len("PROMPT> ")
    t.run("cat file", "out").bye()


@case("disown-and-exit", ("bash", "zsh"))
def _(t):
    t.run("run sh -c 'trap \"\" HUP; echo >up; gate g; echo out >file' &").file("up").run("disown").blind("exit").wait_for_exit()
    t.open_gate("g").end()


@case("nohup", ("bash", "dash"))
def _(t):
    t.run("nohup run sh -c 'echo >up; gate g; echo out' >file 2>&1 &").file("up").prompt().hang_up().end()
    t.open_gate("g")


@case("hangup/caught", SHELLS)
def _(t):
    t.run("run probe hangup file", "ready").hang_up().end()


@case("hangup/dies", ("bash", "dash"))
def _(t):
    t.run("run sh -c 'echo ready; exec sleep 1000'", "ready").hang_up().end()


@case("hangup/in-a-pipeline", ("bash",))
def _(t):
    t.run("run probe hangup file | cat", "ready").hang_up().end()


@case("hangup/of-a-stopped-job", ("bash",))
def _(t):
    t.run("run probe hangup file", "ready").key("^Z").prompt().hang_up().end()


@case("hangup/of-a-background-job", ("bash", "zsh"))
def _(t):
    t.run("run probe hangup file >log &").file("log", "ready").prompt().hang_up().end()


@case("hangup/ignored", ("bash",))
def _(t):
    t.run("run sh -c 'trap \"\" HUP; echo ready; gate g; echo after >file'", "ready").hang_up().end()
    t.open_gate("g")


@case("hangup/stdin-reader-sees-the-end", ("bash",))
def _(t):
    t.run("run sh -c 'trap \"\" HUP; echo ready; cat; echo after >file'", "ready").hang_up().end()


@case("hangup/writer-fails", ("bash",))
def _(t):
    t.run("run sh -c 'trap \"\" HUP; echo ready; gate g; while echo out; do :; done 2>/dev/null; echo after >file'", "ready").hang_up().end()
    t.open_gate("g")


@case("exit-first/background-job", ("bash", "dash"))
def _(t):
    t.run("run sh -c 'echo >up; gate g; echo out >file' &").file("up").blind("exit").wait_for_exit()
    t.open_gate("g").end()


@case("exit-first/writes-later", ("bash", "dash"))
def _(t):
    t.run("run sh -c 'echo >up; gate g; echo out; echo status $? >file' &").file("up").blind("exit").wait_for_exit()
    t.open_gate("g").see("out").end()


@case("exit-first/shell-is-killed", ("bash", "dash"))
def _(t):
    t.run("run probe hangup file", "ready")
    import os
    os.kill(t.pid, 9)
    t.end()


@case("stops-itself/SIGSTOP", SHELLS)
def _(t):
    t.run("run sh -c 'echo ready; kill -STOP $$; read x; echo \"got $x\"; exit 3'", "ready")
    t.run("stty -g").fg().type("word\n").see("got word").status()
    t.bye()


@case("stops-itself/SIGTSTP", ("bash", "dash"))
def _(t):
    t.run("run sh -c 'echo ready; kill -TSTP $$; read x; echo \"got $x\"; exit 3'", "ready")
    t.fg().type("word\n").see("got word").status()
    t.bye()


@case("stops-itself/whole-group", ("bash",))
def _(t):
    t.run("run sh -c 'echo ready; kill -TSTP 0; echo again; exit 3'", "ready").fg().see("again").status()
    t.bye()


@case("stops-itself/in-a-pipeline", ("bash",))
def _(t):
    t.run("run sh -c 'echo ready; gate g; kill -STOP 0; echo again' | cat", "ready").open_gate("g").fg().see("again").status()
    t.bye()


@case("stops-itself/a-child-stops", ("bash",))
def _(t):
    t.run("run sh -c 'bash -c \"echo ready; kill -STOP \\$\\$; echo on\"; exit 3'", "ready").state("bash", "T").kill("bash", "SIGCONT")
    t.see("on").status()
    t.bye()


@case("stopped/by-SIGSTOP-from-outside", ("bash",))
def _(t):
    t.run("run sh -c 'echo ready; exec sleep 1000'", "ready").kill("sleep", "SIGSTOP").run("echo back", "back").kill_job().status()
    t.bye()


@case("inner-shell/job-control", ("bash",))
def _(t):
    t.run("run bash --norc --noediting -i").run("sh -c 'echo ready; read x'", "ready").key("^Z").run("jobs").fg().type("word\n")
    t.run("exit").status()
    t.bye()


@case("inner-shell/suspend", ("bash",))
def _(t):
    t.run("run bash --norc --noediting -i").run("suspend").run("echo outer", "outer").fg().run("exit 4").status()
    t.bye()


@case("inner-shell/ctrl-c-at-its-prompt", ("bash",))
def _(t):
    t.run("run bash --norc --noediting -i").prompt().type("unfinished").text("unfinished").key("^C").run("echo in", "in").run("exit 4").status()
    t.bye()


@case("inner-shell/ctrl-d", ("bash",))
def _(t):
    t.run("run dash -i").run("echo in", "in").prompt().key("^D").status()
    t.bye()


@case("inner-shell/with-line-editing", ("bash",))
def _(t):
    t.run("run bash --norc -i").run("echo in", "in").run("sh -c 'echo ready; exec sleep 1000'", "ready").key("^C").run("exit 4").status()
    t.bye()
