"""`aigc doctor`: what is wrong with this installation, and how to mend it."""

import subprocess

import typer

from aigc_course.lab.doctor import Diagnosis, examine

MARKS = {"ok": "✓", "note": "·", "error": "✗"}


def doctor(fix: bool = typer.Option(False, "--fix", help="Mend what can be mended.")) -> None:
    """Check this computer for the course: one sentence and one remedy for each problem."""
    findings = examine()
    report(findings)
    mendable = [finding for finding in findings if finding.fix]
    if fix and mendable:
        for finding in mendable:
            print(f"\nMending {finding.what}: {' '.join(finding.fix)}", flush=True)
            subprocess.run(finding.fix)
        print("\nLooking again.")
        findings = examine()
        report(findings)
    errors = sum(finding.state == "error" for finding in findings)
    if errors:
        hint = " `aigc doctor --fix` can mend some of it." if not fix and any(f.fix for f in findings) else ""
        print(f"\n{errors} problem{'s' if errors > 1 else ''} to solve.{hint}")
        raise typer.Exit(1)
    print("\nAll is well.")


def report(findings: list[Diagnosis]) -> None:
    """Print one line for each finding, and its remedy below."""
    for finding in findings:
        print(f"{MARKS[finding.state]} {finding.what:10} {finding.sentence}")
        if finding.remedy:
            print(f"{'':12} → {finding.remedy}")
