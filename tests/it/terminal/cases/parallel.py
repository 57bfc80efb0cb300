"""Several commands on one terminal: make -j, scripts that start two servers, xargs -P, background jobs and wait."""
from registry import SHELLS, case
from session import need

SERVERS = """
const { spawn } = require("child_process");
const children = ["a", "b"].map((name) => spawn("run", ["probe", "server", name, process.argv[2] || "0"], { stdio: "inherit" }));
let left = children.length;
process.on("SIGINT", () => {});
for (const child of children) child.on("exit", (code, signal) => { if (--left === 0) { console.log("both ended", code, signal); process.exit(code || 0); } });
"""


def servers(t, status=True):
    """Waits until two servers run, presses Ctrl-C once, and shows the status."""
    t.file("a.up", "").file("b.up", "").state("python3", "S", 2).key("^C")
    if status:
        t.status()


def write(t, name, text):
    with open(f"{t.directory}/{name}", "w") as file:
        file.write(text)


def make(name, recipe, shells=("bash",)):
    @case(name, shells)
    def play(t):
        need("make")
        write(t, ".makefile", f"all: a b\na b:\n\t@{recipe}\n")
        t.run("make -f .makefile -j2 2>/dev/null")
        make_servers(t)
        t.bye()


def make_servers(t):
    """The same under make, which ends with 2 or by the signal: whatever it gets to know first."""
    begin = t.at
    servers(t, status=False)
    t.prompt().forget(begin)


make("make/two-servers", "run probe server $@", SHELLS)
make("make/two-servers-in-a-shell", "run probe server $@; echo $@ ended >$@.end")
make("make/two-servers-that-fail", "run probe server $@ 3")


@case("make/under-it", ("bash", "dash"))
def _(t):
    need("make")
    write(t, ".makefile", "all: a b\na b:\n\t@probe server $@\n")
    t.run("run make -f .makefile -j2 2>/dev/null")
    make_servers(t)
    t.bye()


@case("make/others-print-no-staircase")
def _(t):
    need("make")
    write(t, ".makefile", "all: a b\na:\n\t@run sh -c 'echo one >up; gate g'\nb:\n\t@gate h; echo plain line; echo another\n")
    t.run("make -f .makefile -j2").file("up").open_gate("h").see("plain line", "another").open_gate("g").status()
    t.bye()


@case("make/output-sync")
def _(t):
    need("make")
    write(t, ".makefile", "all: a b\na:\n\t@run sh -c 'gate g; echo a; echo a'\nb: a\n\t@run sh -c 'echo b; echo b >&2'\n")
    t.run("make -f .makefile -j2 -O").open_gate("g").see("a", "a", "b", "b").status()
    t.bye()


@case("make/fails")
def _(t):
    need("make")
    write(t, ".makefile", "all:\n\t@run sh -c 'exit 3'\n")
    t.run("make -f .makefile").status()
    t.bye()


def with_servers(name, line, *tools, shells=("bash",), files=()):
    @case(name, shells)
    def play(t):
        need(*tools)
        for file, text in files:
            write(t, file, text)
        t.run(line)
        servers(t)
        t.bye()


with_servers("background-and-wait/subshell", "(run probe server a & run probe server b; wait)", shells=("bash", "dash"))
with_servers("background-and-wait/script", "sh .script", files=[(".script", "run probe server a & run probe server b & wait\n")])
with_servers("background-and-wait/script-that-traps", "bash .script", files=[
    (".script", "trap 'kill $(jobs -p) 2>/dev/null; wait; exit 5' INT\nrun probe server a & run probe server b & wait\n")])
with_servers("background-and-wait/last-in-the-foreground", "bash .script", files=[
    (".script", "run probe server a & run probe server b; echo NEXT $?; wait\n")], shells=("bash", "zsh"))
with_servers("pipeline/of-two", "run probe server a | run probe server b", shells=SHELLS)
with_servers("xargs/two", "printf 'a\\nb\\n' | xargs -P2 -n1 run probe server", "xargs", shells=("bash", "zsh"))
with_servers("xargs/under-it", "printf 'a\\nb\\n' | run xargs -P2 -n1 probe server", "xargs")
with_servers("parallel/two", "parallel -j2 run probe server ::: a b", "parallel")
with_servers("node/two", "node .servers.js", "node", files=[(".servers.js", SERVERS)])
with_servers("node/under-it", "run node .servers.js", "node", files=[(".servers.js", SERVERS.replace('"run", ["probe", ', '"probe", ['))])
with_servers("node/two-that-fail", "node .servers.js 3", "node", files=[(".servers.js", SERVERS)])
with_servers("npm/script-of-two", "npm run --silent two", "npm", files=[
    ("package.json", '{"name":"x","scripts":{"two":"node .servers.js"}}'), (".servers.js", SERVERS)])
with_servers("npm/under-it", "run npm run --silent two", "npm", files=[
    ("package.json", '{"name":"x","scripts":{"two":"node .servers.js"}}'), (".servers.js", SERVERS.replace('"run", ["probe", ', '"probe", ['))])
with_servers("npm/in-the-script", "npm run --silent two", "npm", files=[
    ("package.json", '{"name":"x","scripts":{"two":"run node .servers.js"}}'), (".servers.js", SERVERS.replace('"run", ["probe", ', '"probe", ['))])


def script_runner(name, line, *tools, run="run "):
    """Two servers as two scripts of npm, started at once by a tool of node. Their messages about the end differ by
    who of the two ended first, so that what they print is not compared: that both end by one Ctrl-C is."""
    @case(name, ("bash",))
    def play(t):
        need("npm", *tools)
        write(t, "package.json", '{"name":"x","scripts":{"a":"%sprobe server a","b":"%sprobe server b"}}' % (run, run))
        t.run(line)
        make_servers(t)
        t.bye()


script_runner("run-p/two", "run-p --silent a b", "run-p")
script_runner("run-p/under-it", "run run-p --silent a b", "run-p", run="")
script_runner("concurrently/two", "concurrently --raw 'run probe server a' 'run probe server b'", "concurrently")
script_runner("concurrently/under-it", "run concurrently --raw 'probe server a' 'probe server b'", "concurrently")


@case("xargs/output", ("bash",))
def _(t):
    t.run("seq 3 | xargs -n1 run echo item", "item 1", "item 2", "item 3").status()
    t.bye()


@case("xargs/in-parallel-by-gates", ("bash",))
def _(t):
    t.run("printf 'g\\nh\\n' | xargs -P2 -n1 run sh -c 'gate $0; echo $0 through'").open_gate("h").see("h through").open_gate("g").see("g through")
    t.status()
    t.bye()


@case("background-and-wait/no-staircase", SHELLS)
def _(t):
    t.run("(run sh -c 'echo >up; gate g' & gate h; echo one; echo two; wait)").file("up").open_gate("h").see("one", "two").open_gate("g").status()
    t.bye()


@case("background-and-wait/modes-after-it-is-killed", ("bash", "dash"))
def _(t):
    t.run("sh -c 'run sh -c \"echo >up; exec sleep 1000\" & gate h; kill -KILL $!'").file("up").open_gate("h").run("stty -g").status()
    t.bye()


@case("background-and-wait/shell-ends-first", SHELLS)
def _(t):
    t.run("sh -c 'run sh -c \"echo >up; gate g\" & gate h'").file("up").open_gate("h").run("stty -g").run("cat").state("cat", "S")
    t.type("line\n").see("line", "line").key("^D").prompt().open_gate("g")
    t.at -= len("PROMPT> ")
    t.bye()


@case("background-and-wait/stdin-null", ("bash",))
def _(t):
    t.run("sh -c 'run sh -c \"echo >up; gate g\" </dev/null & gate h'").file("up").open_gate("h").run("stty -g").prompt().open_gate("g")
    t.at -= len("PROMPT> ")
    t.bye()


@case("two-in-turn/one-reads-one-writes", ("bash", "dash"))
def _(t):
    t.run("run sh -c 'read x; echo \"$x\"; read y; echo \"$y\"' | run sh -c 'while read x; do echo \"<$x>\"; done'")
    t.type("one\n").see("one", "<one>").type("two\n").see("two", "<two>").status()
    t.bye()


@case("node/prompts", ("bash",))
def _(t):
    need("node")
    write(t, ".ask.js", 'require("readline").createInterface({input:process.stdin,output:process.stdout}).question("Name? ",a=>{console.log("hello "+a);process.exit(4)})')
    t.run("run node .ask.js").text("Name? ").type("you\r").see("hello you").status()
    t.bye()
