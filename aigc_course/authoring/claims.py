"""How far every claim of a lesson stands from its bound, measured while authoring runs it.

A learner's cell says `assert loss < 0.3` in plain Python.  While authoring runs it, the comparison also notes its gap,
0.3 − loss: what must not be used up by the difference between two processors (`environments.py`).  Comparisons by
<, ≤, > and ≥ that must hold for the assertion to hold are measured, of numbers and of tensors (their smallest gap),
and so is `assert_close`.  Equality has no gap: it holds in every environment, or fails in one.  What stands under `not`
or `or`, in a `try` or in a function's body, is asserted as ever and not measured.
"""

import ast
import builtins
import json
import math
import operator
from numbers import Real
from pathlib import Path

ORDERED = {"<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge}
SYMBOLS = {ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.Eq: "==", ast.NotEq: "!="}
OPERATORS = ORDERED | {"==": operator.eq, "!=": operator.ne}
COMPARE, CLOSE, FAILED = "__claim__", "__close__", "__failed__"                 # in builtins: seen from every cell

STARTUP = """\
from aigc_course.authoring.claims import Watch as _Watch
_Watch({target!r}, forgiving={forgiving!r}).install(get_ipython())
del _Watch
"""


class Watch:
    """Notes gaps in a file of JSON lines, {"claim": its text, "gap": …}: again when a cell finds a smaller one.

    forgiving: an assertion that fails is noted, {"failed": its text}, and the cell goes on, so that the run measures
    all the others.
    """

    def __init__(self, target: str, forgiving: bool):
        self.target, self.forgiving, self.smallest = Path(target), forgiving, {}
        self.cells = 0                                                          # that began: claims of two are two

    def install(self, shell) -> None:
        """Watches the cells that the IPython `shell` runs from now on."""
        shell.ast_transformers.append(_Rewrite(self))
        builtins.__dict__.update({COMPARE: self.compare, CLOSE: self.close, FAILED: self.failed})

    def compare(self, cell: int, claim: str, symbols: tuple[str, ...], *values):
        """What Python says of the chain `values[0] symbols[0] values[1] …`; the smallest gap in it is noted."""
        truth = True
        for symbol, left, right in zip(symbols, values, values[1:], strict=False):
            if symbol in ORDERED:
                low, high = (left, right) if symbol.startswith("<") else (right, left)
                self._note(cell, claim, difference(high, low))
            truth = OPERATORS[symbol](left, right)
            if len(symbols) > 1 and not truth:
                return truth
        return truth

    def close(self, cell: int, claim: str, assert_close, *pair, **options):
        """`assert_close(*pair, **options)`; the gap is what the tolerance leaves where it leaves least."""
        self._note(cell, claim, _left_by_tolerance(*pair, **options))
        try:
            assert_close(*pair, **options)
        except AssertionError:
            if not self.forgiving:
                raise
            self.failed(cell, claim)

    def failed(self, cell: int, claim: str) -> None:
        self._write({"failed": claim})

    def _note(self, cell: int, claim: str, gap: float | None) -> None:
        if gap is not None and math.isfinite(gap) and gap < self.smallest.get((cell, claim), math.inf):
            self.smallest[cell, claim] = gap
            self._write({"claim": claim, "gap": gap})

    def _write(self, line: dict) -> None:
        with open(self.target, "a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")


def difference(high, low) -> float | None:
    """high − low, the smallest of its elements; None of what are no numbers or have no elements."""
    if (high := _float64(high)) is None or (low := _float64(low)) is None:
        return None
    import numpy as np
    try:
        gap = np.asarray(high - low)
    except ValueError:                                                          # shapes that do not fit
        return None
    return float(gap.min()) if gap.size else None


def _float64(value):
    """A number or tensor as float64, an array where it has a shape; None of anything else."""
    import numpy as np
    if isinstance(value, Real):
        return float(value)
    if hasattr(value, "detach"):                                                # torch, of any dtype and device
        value = value.detach().to("cpu").double().numpy()
    if not hasattr(value, "__array__"):
        return None
    try:
        return np.asarray(value, dtype=np.float64)
    except (TypeError, ValueError):                                             # words, dates
        return None


def _left_by_tolerance(actual, expected, *, rtol=None, atol=None, **_) -> float | None:
    """min(atol + rtol |expected| − |actual − expected|), with torch's own tolerances by default."""
    from torch.testing._comparison import default_tolerances
    found, wanted = _float64(actual), _float64(expected)
    if found is None or wanted is None:
        return None
    if rtol is None or atol is None:
        tensors = [value for value in (actual, expected) if hasattr(value, "detach")]
        rtol, atol = default_tolerances(*tensors or [1.0])
    return difference(atol + rtol * abs(wanted), abs(found - wanted))


class _Rewrite(ast.NodeTransformer):
    """Turns `assert a < b` into `assert __claim__(3, "a < b", ("<",), a, b)`, and `assert_close(…)` likewise."""

    def __init__(self, watch: Watch):
        self.watch = watch

    def _not_entered(self, node):
        return node

    visit_FunctionDef = visit_AsyncFunctionDef = visit_ClassDef = visit_Try = _not_entered

    def visit_Module(self, node):
        self.watch.cells += 1
        return ast.fix_missing_locations(self.generic_visit(node))

    def visit_Assert(self, node: ast.Assert):
        claim = ast.unparse(node.test)
        node.test = self._measured(node.test)
        if not self.watch.forgiving:
            return node
        return ast.copy_location(ast.If(ast.UnaryOp(ast.Not(), node.test),
                                        [ast.Expr(self._call(FAILED, claim))], []), node)

    def visit_Expr(self, node: ast.Expr):
        call = node.value
        if isinstance(call, ast.Call) and ast.unparse(call.func).split(".")[-1] == "assert_close":
            node.value = self._call(CLOSE, ast.unparse(call), call.func, *call.args, keywords=call.keywords)
        return node

    def _measured(self, test: ast.expr) -> ast.expr:
        """`test` with every comparison measured on which its truth depends."""
        if isinstance(test, ast.BoolOp) and isinstance(test.op, ast.And):
            test.values = [self._measured(value) for value in test.values]
        elif isinstance(test, ast.Call):
            name = ast.unparse(test.func).split(".")[-1] if isinstance(test.func, ast.Name | ast.Attribute) else ""
            if name == "all" and not test.args and isinstance(test.func, ast.Attribute):
                test.func.value = self._measured(test.func.value)               # (a < b).all()
            elif name == "all" and isinstance(test.args[0], ast.GeneratorExp | ast.ListComp):
                test.args[0].elt = self._measured(test.args[0].elt)             # all(x < 1 for x in …)
            elif name == "all" and test.args:
                test.args[0] = self._measured(test.args[0])                     # torch.all(a < b)
        elif isinstance(test, ast.Compare) and all(type(one) in SYMBOLS for one in test.ops):
            symbols = [SYMBOLS[type(one)] for one in test.ops]
            if ORDERED.keys() & set(symbols):
                listed = ast.Tuple([ast.Constant(symbol) for symbol in symbols], ast.Load())
                return ast.copy_location(self._call(COMPARE, ast.unparse(test), listed, test.left,
                                                    *test.comparators), test)
        return test

    def _call(self, function: str, claim: str, *arguments: ast.expr, keywords=()) -> ast.Call:
        return ast.Call(ast.Name(function, ast.Load()),
                        [ast.Constant(self.watch.cells), ast.Constant(claim), *arguments], list(keywords))
