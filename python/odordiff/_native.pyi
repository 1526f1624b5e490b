class Call:
    """A request at work on a thread of its own."""

    def next(self, patience_s: float | None = None) -> tuple[str, str] | None:
        """The next (kind, JSON), or None where none came in time; the last is of kind "answer". Raises what went wrong."""
    def cancel(self) -> None:
        """Ends the work soon; next() then raises Cancelled."""
    def end(self) -> None:
        """Cancels, and waits until the work has ended."""
    def fileno(self) -> int:
        """A file descriptor that is readable while next() has something to give."""

class Engine:
    """A loaded model. Safe to use from many threads."""

    def __init__(self, folder: str, precision: str, threads: int) -> None: ...
    def start(self, operation: str, body: str) -> Call: ...
    def abandon(self) -> None: ...
    @property
    def identity(self) -> dict[str, str]:
        """What exactly makes its answers."""

def find_model(name_or_folder: str, installed: str) -> str:
    """The folder of a model; for "" the one that ODORDIFF_MODEL names, else the default one. Raises Unavailable."""

def identity(folder: str, precision: str) -> dict[str, str]:
    """Of an engine that would load this folder with this precision, without loading it."""

def operations() -> list[str]: ...
def draw(smiles: str, width_px: int = 300, height_px: int = 220) -> str: ...

version: str
