"""`aigc progress`: which exercises are answered. Reads one local file; nothing leaves this computer."""

import typer

app = typer.Typer(invoke_without_command=True)
MARKS = {"right": "✓", "submitted": "●", "wrong": "✗", "unanswered": "○"}


@app.callback()
def progress() -> None:
    """Show every exercise and its best answer so far."""
    from aigc_course.exercises import progress as kept
    from aigc_course.exercises.bank import exercise, names
    best = kept.best()
    answered = 0
    for name in names():
        kind = exercise(name).kind
        status = best.get(name, "unanswered")
        answered += status in ("right", "submitted")
        print(f"{MARKS[status]} {name:32} {kind:8} {status}")
    print(f"{answered} of {len(names())} done; kept in {kept.progress_path()}")
    damaged = kept.events()[1]
    if damaged:
        lines = ", ".join(map(str, damaged))
        print(f"Damaged and left out: line {lines} of that file; delete them if this bothers you.")
