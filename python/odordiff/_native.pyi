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
    def model_name(self) -> str: ...

def operations() -> list[str]: ...
def draw(smiles: str, width_px: int = 300, height_px: int = 220) -> str: ...

version: str
