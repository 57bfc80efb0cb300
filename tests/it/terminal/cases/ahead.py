"""What is typed before anyone reads it: before the command starts, while it runs, and what it leaves to the shell."""
from registry import SHELLS, case


@case("before-the-start", SHELLS)
def _(t):
    t.run("gate g; run sh -c 'read x; echo \"got $x\"'").ahead("word\n").open_gate("g").see("got word").status()
    t.bye()


@case("before-the-start/three-lines", SHELLS)
def _(t):
    t.run("gate g; run sh -c 'cat; echo over'").ahead("one\n").ahead("two\n").ahead("three\n").key("^D").open_gate("g")
    t.see("one", "two", "three", "over").status()
    t.bye()


@case("before-the-start/only-end-of-file", SHELLS)
def _(t):
    t.run("gate g; run sh -c 'cat; echo over'").key("^D").open_gate("g").see("over").status()
    t.bye()


@case("before-the-start/half-a-line", ("bash", "dash"))
def _(t):
    t.run("gate g; run sh -c 'echo ready; read x; echo \"got $x\"'").ahead("wo").open_gate("g").see("ready").type("rd\n").see("got word").status()
    t.bye()


@case("before-the-start/for-the-shell", SHELLS)
def _(t):
    t.run("gate g; run true").ahead("echo one\n").ahead("echo two\n").open_gate("g").see("one", "two").status()
    t.bye()


@case("before-the-start/for-both", SHELLS)
def _(t):
    t.run("gate g; run sh -c 'read x; echo \"got $x\"'").ahead("word\n").ahead("echo next\n").open_gate("g").see("got word", "next").status()
    t.bye()


@case("before-the-start/end-of-file-in-the-middle", ("bash", "dash"))
def _(t):
    t.run("gate g; run cat").ahead("one\n").key("^D").ahead("echo next\n").open_gate("g").see("one", "next").status()
    t.bye()


@case("while-it-runs/for-the-shell", SHELLS)
def _(t):
    t.run("run sh -c 'echo ready; gate g; echo through'", "ready").ahead("echo one\n").ahead("echo two\n").open_gate("g")
    t.see("through", "one", "two").status()
    t.bye()


@case("while-it-runs/with-line-editing", ("bash-edit",))
def _(t):
    t.run("run sh -c 'echo ready; gate g; echo through'", "ready").ahead("echo one\n").open_gate("g").see("through", "one").status()
    t.bye()


@case("while-it-runs/for-a-later-read", SHELLS)
def _(t):
    t.run("run sh -c 'echo ready; gate g; read x; echo \"got $x\"'", "ready").ahead("word\n").ahead("echo next\n").open_gate("g")
    t.see("got word", "next").status()
    t.bye()


@case("while-it-runs/end-of-file", ("bash", "dash"))
def _(t):
    t.run("run sh -c 'echo ready; gate g; cat; echo over'", "ready").key("^D").open_gate("g").see("over").status()
    t.bye()


@case("while-it-runs/output-to-a-file", ("bash",))
def _(t):
    t.run("run sh -c 'echo >up; gate g; read x; echo \"got $x\"' >file").file("up").ahead("word\n").ahead("echo next\n").open_gate("g").see("next").status()
    t.bye()


@case("while-it-runs/flushed-by-ctrl-c", ("bash", "dash"))
def _(t):
    t.run("run sh -c 'echo ready; exec sleep 1000'", "ready").ahead("echo never\n").key("^C").status()
    t.bye()


@case("left-by-a-command-that-stops", ("bash", "dash"))
def _(t):
    t.run("run sh -c 'echo ready; gate g; read x; echo \"got $x\"; kill -STOP $$; read y; echo \"got $y\"'", "ready")
    t.ahead("word\n").ahead("echo for the shell\n").open_gate("g").see("got word", "for the shell").fg().type("more\n").see("got more").status()
    t.bye()


@case("left-by-two-commands", ("bash",))
def _(t):
    t.run("gate g; run sh -c 'read x; echo \"1 $x\"'; run sh -c 'read x; echo \"2 $x\"'; run true")
    t.ahead("one\n").ahead("two\n").ahead("echo three\n").open_gate("g").see("1 one", "2 two", "three").status()
    t.bye()


@case("paste/four-lines", SHELLS)
def _(t):
    t.prompt().type("run true\necho one\necho two\necho three\n")
    t.find(rb"(?s)> one\r\n.*> two\r\n.*> three\r\n")
    t.any_order = True
    t.bye()


@case("paste/a-command-that-reads", ("bash", "dash"))
def _(t):
    t.prompt().type("run sh -c 'read x; echo \"got $x\"'\nword\necho next\n").find(rb"(?s)got word\r\n.*> next\r\n")
    t.any_order = True
    t.bye()


@case("paste/output-to-a-file", ("bash",))
def _(t):
    t.prompt().type("run true >file\necho one >>file\nrun echo two >>file\necho three >>file\necho d''one\n").see("done")
    t.any_order = True
    t.bye()


@case("large/a-long-line", ("bash",))
def _(t):
    t.run("run sh -c 'echo ready; read x; echo ${#x}'", "ready").type("x" * 3000 + "\n").see("3000").status()
    t.bye()


@case("large/many-lines", ("bash",))
def _(t):
    t.run("run sh -c 'stty -echo; echo ready; while read x && [ \"$x\" ]; do echo $x; done | cksum; stty echo'", "ready")
    for k in range(100):
        t.type(f"line {k} of many that are typed at once\n")
    t.type("\n").find(rb"\d+ \d+\r\n")
    t.status()
    t.bye()


@case("no-echo/typed-ahead", ("bash", "dash"))
def _(t):
    t.run("stty -echo").blind("run sh -c 'echo ready; read x; echo \"got $x\"'").see("ready").type("word\n").see("got word").blind("stty echo")
    t.bye()


@case("raw/typed-ahead", ("bash",))
def _(t):
    t.run("run sh -c 'stty raw -echo; echo ready; head -c3 | od -c; stty sane'").text("ready").type("a\x03\x04").text("0000003").status()
    t.bye()


@case("cbreak/single-keys-on-stdin", ("bash",))
def _(t):
    t.run("run probe cbreak 0").text("keys: ")
    for key in "abc.":
        t.type(key).text(f"<{key}>")
    t.see(" 4 keys").status()
    t.bye()


@case("cbreak/single-keys-by-modes-of-stdout", ("bash",))
def _(t):
    t.run("run probe cbreak 1").text("keys: ")
    for key in "abc.":
        t.type(key).text(f"<{key}>")
    t.see(" 4 keys").status()
    t.bye()
