"""The list of cases. A case is a function that plays a user on a `Terminal`; it runs once for each of its shells."""
import importlib, os

MODES = ("exec", "init", "redact")
SHELLS = ("bash", "dash", "zsh")
CASES = []


class Case:
    def __init__(self, group, name, shell, play, modes, size):
        self.group, self.shell, self.play, self.modes, self.size = group, shell, play, modes, size
        self.name = f"{group}/{name}@{shell}"


def case(name, shells=("bash",), modes=MODES, size=None):
    """Registers a case. `shells`: the outer shells that run it; `modes`: the modes of hushed that are compared."""
    def register(play):
        group = play.__module__.split(".")[-1]
        for shell in (shells,) if isinstance(shells, str) else shells:
            CASES.append(Case(group, name, shell, play, modes, size))
        return play
    return register


def line(name, typed, *seen, shells=("bash",), modes=MODES):
    """Registers a case of one line that runs to its end: what it shows, its exit status, the files it writes."""
    def play(t):
        t.run(typed, *seen).status()
        t.bye()
    play.__module__ = line.group
    return case(name, shells, modes)(play)


def load():
    """Imports every module of `cases/`, which registers what is in there."""
    here = os.path.join(os.path.dirname(os.path.abspath(__file__)), "cases")
    for file in sorted(os.listdir(here)):
        if file.endswith(".py"):
            line.group = file[:-3]
            importlib.import_module(f"cases.{file[:-3]}")
    return CASES
