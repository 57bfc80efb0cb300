"""Runs a command on a pseudo-terminal of 33 rows and 101 columns: `terminal.py STEP… -- COMMAND…`.

A step `=text` waits for text, a step `>text` types it (`\\x03` and such are read as escapes). What came
is printed as it came, then how the command ended and whether the terminal has the modes it had.
"""
import fcntl, os, select, struct, sys, termios

split = sys.argv.index("--")
steps, command = sys.argv[1:split], sys.argv[split + 1:]
master, slave = os.openpty()
fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 33, 101, 0, 0))
before = termios.tcgetattr(slave)
child = os.fork()
if child == 0:
    os.setsid()
    fcntl.ioctl(slave, termios.TIOCSCTTY, 0)
    for stream in range(3):
        os.dup2(slave, stream)
    os.closerange(3, 64)
    os.execvp(command[0], command)
ended = os.pidfd_open(child)
seen, mark = b"", 0
alive = True
while alive:
    while steps:
        text = steps[0][1:].encode().decode("unicode_escape").encode()
        if steps[0][0] == "=":
            at = seen.find(text, mark)
            if at < 0:
                break
            mark = at + len(text)
        else:
            os.write(master, text)
        steps.pop(0)
    ready, _, _ = select.select([master, ended], [], [], 10)
    if not ready:
        os.kill(child, 9)
        sys.exit(f"stuck before {steps}, after {seen}")
    if master in ready:
        seen += os.read(master, 65536)
    else:
        alive = False
_, status = os.waitpid(child, 0)
kept = termios.tcgetattr(slave) == before
sys.stdout.buffer.write(seen)
sys.stdout.buffer.flush()
print(f"ended {os.waitstatus_to_exitcode(status)}, modes {'kept' if kept else 'changed'}")
sys.exit(f"steps left: {steps}" if steps else 0)
