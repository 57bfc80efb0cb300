"""Differences that are known: (glob of cases, modes, reason). A case that is meant to differ does not name that mode."""
LATE = "the terminal's modes may change between the command's write and hushed's"
KNOWN = [
    ("jobs/background/tostop-and-killed@*", ["redact"], "the command goes on until hushed, which writes to the terminal, stops the job"),
    ("jobs/hangup/of-a-stopped-job@*", ["redact"], "the command's pseudo-terminal is hung up a moment after the real one"),
    ("screens/*/resize@*", ["redact"], "a program is told of a new size twice: by the kernel, and when its pseudo-terminal has it"),
    ("screens/more@*", ["redact"], "more reads keys from its standard error, which is not its controlling terminal"),
    *((f"screens/modes/{mode}@*", ["redact"], LATE) for mode in ("onlcr", "opost", "ocrnl", "olcuc", "tab3")),
    ("screens/vim/ctrl-z@*", ["redact"], LATE),
    ("ahead/raw/typed-ahead@*", ["redact"], LATE),
    ("streams/left-over-writer@*", ["redact"], "what is left behind is relayed for one second"),
    ("streams/closes-stderr-early@*", ["init"], "hushed keeps its standard error for its own messages"),
]
