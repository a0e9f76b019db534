"""Mutants: small faults, derived by rules from the sources as they are now.

A rule finds its places by patterns in the bodies of functions (clang-format puts their braces, and
no others, alone into column 0); comments, strings and preprocessor lines are blanked out before.
Conditions and statements about errors and ownership (status, NULL, free) are left alone: making
calls and allocations fail, and the sanitizers, are what sees to those.
"""
import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

# What is mutated, in this order: kernels, their launchers, and the mathematics of the host.
SOURCES = [
    "kernels/*.cl", "host/opencl/kernel_call.c", "host/opencl/launch*.c", "host/opencl/layer*.c",
    "host/opencl/opencl_backward.c", "host/opencl/opencl_data.c", "host/opencl/opencl_forward.c",
    "host/opencl/opencl_gather.c", "host/opencl/opencl_output.c",
    "host/opencl/opencl_primitives.c", "host/opencl/opencl_update.c",
    "host/opencl/opencl_workspace.c", "host/opencl/product*.c", "host/opencl/step*.c",
    "host/cpu/cpu_kernels.h", "host/cpu/cpu_math.h", "host/cpu/*.c", "host/embed/*.c",
    "host/train/*.c", "host/options/*.c",
    "host/data/order.c", "host/data/scale.c", "host/data/split.c", "host/network/initialize.c",
    "host/network/network.c", "host/base/random.c",
]


@dataclass(frozen=True)
class Mutant:
    file: str
    line: int
    rule: str  # with ".2" for the second place of its line, and so on
    function: str  # with "#2" for the second line of the same words in it
    text: str  # the line as it is in the source
    start: int
    end: int
    new: str  # what source[start:end] becomes

    @property
    def id(self):
        return f"{self.file}:{self.line}:{self.rule}"

    @property
    def key(self):
        """What stays when lines move."""
        return self.file, self.function, self.rule, self.text

    def rank(self, seed):
        """Its place in the samples of a seed: a change elsewhere moves no mutant in or out of one
        but by the memory that it allocates."""
        return hashlib.sha256("\n".join((str(seed), *self.key)).encode()).digest()

    def apply(self, source):
        return source[: self.start] + self.new + source[self.end :]


# ---- rules: name, pattern, and what a match becomes: a template or a function of the match ----

OPPOSITE = {
    " < ": " <= ", " <= ": " < ", " > ": " >= ", " >= ": " > ", " == ": " != ", " != ": " == ",
    " && ": " || ", " || ": " && ", " + ": " - ", " - ": " + ", " += ": " -= ", " -= ": " += ",
    "size_max": "size_min", "size_min": "size_max", "fmax": "fmin", "fmin": "fmax",
    "max": "min", "min": "max", "rows": "columns", "columns": "rows", "inputs": "outputs",
    "outputs": "inputs", "true": "false", "false": "true",
}
NAME = r"[A-Za-z_][\w.]*(?:->\w+)*"
COMMUTING = "size_add", "size_multiply", "size_max", "size_min", "fmax", "fmin", "multiply_add"
ORDERED = "".join(rf"(?<!\b{name}\()" for name in COMMUTING)
LVALUE = r"\*?\w+(?:->\w+|\.\w+|\[[^\];]*\])*"


def opposite(match):
    return OPPOSITE[match[0]]


def off_by_a_thousandth(match):
    digits, suffix = match[1], match[2]
    return f"1e-3{suffix}" if float(digits) == 0 else f"({digits}{suffix} * 1.001{suffix})"


def swapped(match):
    """The first and the last group change places; the second lies between."""
    return None if match[1] == match[3] else match[3] + match[2] + match[1]


def without(match):
    """Nothing; a statement leaves its semicolon, and its lines stay."""
    return match[1] + ";" + "\n" * match[0].count("\n")


RULES = [
    ("barrier", r"( *)barrier\([^;]*;", without),
    ("less", r" [<>]=? (?=[^=])", opposite),
    ("equal", r" [=!]= ", opposite),
    ("and", r" && | \|\| ", opposite),
    ("plus", r" [+-]=? (?=[^=])", opposite),
    ("factor", rf" \* (?:\([^()]*\)|{NAME}|[\d.]+[fF]?)(?:\[[^\[\]]*\]|\([^()]*\))?", r""),
    ("divide", r" /(=?) (?=[^=])", r" *\1 "),
    ("index", r"(?<=\w)\[([^\[\]@]+)\]", r"[\1 + 1]"),
    ("start", r"(?<=for \()([^;=]* = )0;", r"\g<1>1;"),
    ("start", r"(?<=for \()([^;=]* = )1;", r"\g<1>0;"),
    ("constant", r"(?<![\w.])(\d+\.\d*(?:[eE][-+]?\d+)?)([fF]?)\b", off_by_a_thousandth),
    ("sign", r"(?<=[(?:,=] )-(?=[\w(])|(?<=\()-(?=[a-z])|(?<=return )-(?=\w)", r""),
    ("largest", r"\b(?:size_max|size_min|fmax|fmin|max|min)(?=\()", opposite),
    ("shape", r"\b(?:rows|columns|inputs|outputs)\b(?! =|,? [a-z_]+ =|;)", opposite),
    ("truth", r"(?<== )(?:true|false)\b|(?<=[(,] )(?:true|false)\b", opposite),
    ("arms", rf"(?<=\? )([-\w.\[\]>]+)( : )([-\w.\[\]>]+)(?=[;,)])", swapped),
    ("operands", rf"(?<=[(\s])({NAME}|\d[\w.]*)( [-/] )({NAME}|\d[\w.]*)(?=[;,)\s])", swapped),
    ("arguments", rf"{ORDERED}(?<=[(\s])({NAME})(,\s+)({NAME})(?=[,)])", swapped),
    ("arguments", r"(?<=\()([^(),]+)(\),\s+ARGUMENT\()([^(),]+)(?=\))", swapped),
    ("remove", rf"(?m)^( +){LVALUE}(?:\+\+|--| (?:[-+*/|&^]|<<|>>)?= [^;{{]*);", without),
    ("remove", r"(?m)^( +)(?!assert|barrier|(?:return|fail|switch)\b)\w+\([^;{]*\);", without),
]
RULES = [(name, re.compile(pattern), new) for name, pattern, new in RULES]

NOT_CODE = re.compile(
    r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'|^[ ]*#(?:\\\n|[^\n])*',
    re.M | re.S,
)
BODY = re.compile(r"^\{$.*?^\}$", re.M | re.S)
SIGNATURE = re.compile(r"^[A-Za-z_][^\n;=]*?(\w+)\(", re.M)
# Declarations that a rule might take for something else, and lines about errors and ownership.
DECLARED_ARRAY = re.compile(
    r"^\s*(?:const |static |struct |enum )*\w+ \*?\w+\[|\], \w+\[|, \w+\[\w+\] = "
)
ERRORS = re.compile(
    r"\bstatus\b|NULL|WEFT_OK|WEFT_ERROR|\bfail\(|free\(|release\(|reset\(|destroy\(|assert\("
)


def blanked(source):
    """The source with '@' for all that is no code of a function's body; offsets stay."""
    hidden = NOT_CODE.sub(lambda match: re.sub(r"[^\n]", "@", match[0]), source)
    pieces, position = [], 0
    for body in BODY.finditer(hidden):
        pieces.append(re.sub(r"[^\n]", "@", hidden[position : body.start()]))
        pieces.append(body[0])
        position = body.end()
    pieces.append(re.sub(r"[^\n]", "@", hidden[position:]))
    return "".join(pieces)


def function_at(source, position):
    """The name of the function around a position: its signature begins the last line that does."""
    return list(SIGNATURE.finditer(source, 0, position))[-1][1]


def closing(text, opening):
    """Position of the parenthesis that closes the one at `opening`."""
    depth = 0
    for position in range(opening, len(text)):
        depth += {"(": 1, ")": -1}.get(text[position], 0)
        if depth == 0:
            return position
    raise ValueError("a parenthesis that is never closed")


def places(code):
    """(start, end, rule, new text) of everything that a rule finds."""
    for name, pattern, new in RULES:
        for match in pattern.finditer(code):
            text = match.expand(new) if isinstance(new, str) else new(match)
            if text is not None and "@" not in text:
                yield match.start(), match.end(), name, text
    for match in re.finditer(r"\bif \(", code):  # a guard that never holds
        end = closing(code, match.end() - 1)
        lines = "\n" * code.count("\n", match.start(), end)
        yield match.start(), end + 1, "never", f"if (0){lines}"


def mutants_of(root, file):
    """The mutants of a file, from its top to its end."""
    source = (Path(root) / file).read_text(encoding="utf-8")
    lines = source.split("\n")
    found, on_line, alike = [], {}, {}
    for start, end, rule, new in sorted(places(blanked(source))):
        if rule in ("remove", "barrier"):
            start += len(source[start:end]) - len(source[start:end].lstrip())
            new = new.lstrip(" ")
        number = source.count("\n", 0, start) + 1
        if ERRORS.search(lines[number - 1]) or ERRORS.search(source[start:end]):
            continue
        if rule == "index" and DECLARED_ARRAY.search(lines[number - 1]):
            continue
        nth = on_line[number, rule] = on_line.get((number, rule), 0) + 1
        rule += f".{nth}" if nth > 1 else ""
        text, function = lines[number - 1].strip(), function_at(source, start)
        nth = alike[function, rule, text] = alike.get((function, rule, text), 0) + 1
        function += f"#{nth}" if nth > 1 else ""
        found.append(Mutant(file, number, rule, function, text, start, end, new))
    return found


def all_mutants(root):
    files = [file for pattern in SOURCES for file in sorted(Path(root).glob(pattern))]
    return [m for file in files for m in mutants_of(root, file.relative_to(root).as_posix())]
