"""Counts the memory transactions of a kernel from its index arithmetic, without running it.

The input is LLVM IR, as clang makes it for NVIDIA, and one launch: local size and arguments. For
each load and store of global memory, the addresses of all work-items of the first work-group are
computed from the integer instructions that lead to them. A loop is in its first iteration; every
branch is taken. Integers that come from global memory, such as the order of the samples, are
replaced by scattered ones. Accesses whose address depends on local memory or on a float are left
out.

A warp of 32 work-items reads or writes sectors of 32 bytes. The transactions of an instruction are
the different sectors that a warp touches, added up over the warps of the group. The fewest possible
are those of the same bytes side by side. An access that is wider than its alignment counts as
several, as the compiler makes it.
"""
import re

WARP, SECTOR = 32, 32
REGISTER = re.compile(r"llvm\.nvvm\.read\.ptx\.sreg\.(\w+)\.(\w)")
SIZES = {"i1": 1, "i8": 1, "i16": 2, "half": 2, "i32": 4, "float": 4, "i64": 8, "double": 8, "ptr": 8}


class Unknown(Exception):
    """A value that does not follow from index arithmetic."""


def split(text):
    """The parts of a comma-separated list, with brackets respected."""
    parts, depth, start = [], 0, 0
    for i, c in enumerate(text):
        depth += (c in "([{<") - (c in ")]}>")
        if c == "," and depth == 0:
            parts.append(text[start:i].strip())
            start = i + 1
    return parts + [text[start:].strip()]


class Module:
    def __init__(self, text):
        self.structs = {name: split(body) for name, body in re.findall(r"^(%[\w.]+) = type \{ (.*) \}$", text, re.M)}
        self.kernels = {}
        for name, rest, body in re.findall(r"^define [^\n]*spir_kernel void @(\w+)\(([^\n]*)\{\n(.*?)^\}", text, re.M | re.S):
            parameters = split(re.split(r"\) (?:local_unnamed_addr )?#", rest)[0])
            self.kernels[name] = Kernel(self, parameters, body.split("\n"))

    def size(self, kind):
        kind = kind.strip()
        if kind.startswith("ptr"):
            return 8
        array = re.match(r"[\[<](\d+) x (.*)[\]>]$", kind)
        if array:
            return int(array[1]) * self.size(array[2])
        if kind in self.structs:
            return sum(self.size(member) for member in self.structs[kind])
        if kind.startswith("{"):
            return sum(self.size(member) for member in split(kind[1:-1]))
        return SIZES[kind]

    def offset(self, kind, indices):
        """Bytes from a pointer to `kind` to the element at the indices."""
        total = indices[0] * self.size(kind)
        for index in indices[1:]:
            array = re.match(r"[\[<](\d+) x (.*)[\]>]$", kind)
            if array:
                kind = array[2]
                total += index * self.size(kind)
            else:
                members = self.structs.get(kind) or split(kind[1:-1])
                total += sum(self.size(member) for member in members[:index])
                kind = members[index]
        return total


class Kernel:
    def __init__(self, module, parameters, lines):
        self.module, self.definitions, self.accesses = module, {}, []
        self.parameters = [p.split()[-1] for p in parameters if p]
        for line in lines:
            line = re.sub(r", ![\w.]+ !\d+|, !srcloc.*| #\d+$", "", line.strip())
            defined = re.match(r"(%[\w.]+) = (?:tail |musttail |notail )?(\w+) (.*)", line)
            if defined:
                self.definitions[defined[1]] = (defined[2], defined[3])
            access = re.search(r"\b(load|store) (?:volatile )?(.*), align (\d+)", line)
            if access and "ptr addrspace(1)" in access[2]:
                parts = split(access[2])
                kind = parts[0] if access[1] == "load" else re.match(r"(<[^>]*>|\[[^\]]*\]|\S+)", parts[0])[1]
                self.accesses.append((module.size(kind), int(access[3]), parts[1].split()[-1]))

    def transactions(self, local, arguments):
        """(transactions, fewest, instructions) of a work-group of local = (x, y), for the accesses
        whose addresses are known."""
        total = fewest = known = 0
        for size, align, pointer in self.accesses:
            piece = min(size, align, 16)
            try:
                addresses = [self.address(pointer, x, y, local, arguments) for y in range(local[1]) for x in range(local[0])]
            except (Unknown, RecursionError):
                continue
            known += 1
            for first in range(0, len(addresses), WARP):
                warp = addresses[first:first + WARP]
                for offset in range(0, size, piece):
                    total += len({(a + offset + b) // SECTOR for a in warp for b in (0, piece - 1)})
                fewest += -(-len({a + b for a in warp for b in range(0, size, piece)}) * piece // SECTOR)
        return total, fewest, known

    def address(self, pointer, x, y, local, arguments):
        place = {"tid": (x, y, 0), "ctaid": (0, 0, 0), "ntid": (*local, 1), "nctaid": (64, 64, 1)}
        values = {}
        for i, name in enumerate(self.parameters):
            text = arguments[i] if i < len(arguments) else "0"
            values[name] = (i + 1) << 40 if text[0] in "bl" else int(text)
        return Evaluation(self, place, values).value(pointer)


class Evaluation:
    """The value of integers and pointers for one work-item."""

    def __init__(self, kernel, place, values):
        self.kernel, self.place, self.values, self.open = kernel, place, values, set()

    def value(self, name):
        if re.fullmatch(r"-?\d+", name):
            return int(name)
        if name in ("true", "false", "null", "undef", "poison"):
            return int(name == "true")
        if name in self.values:
            return self.values[name]
        if name not in self.kernel.definitions or name in self.open:
            raise Unknown(name)
        self.open.add(name)
        try:
            self.values[name] = self.computed(*self.kernel.definitions[name])
        finally:
            self.open.discard(name)
        return self.values[name]

    def operands(self, rest):
        """The last two operands of `op flags TYPE a, b`, and the bits of the type."""
        left, right = split(rest)[:2]
        kind = left.split()[-2]
        if not re.fullmatch(r"i\d+", kind):
            raise Unknown(kind)
        bits = int(kind[1:])
        return self.value(left.split()[-1]) % (1 << bits), self.value(right.split()[-1]) % (1 << bits), bits

    def computed(self, operation, rest):
        if operation == "phi":
            return self.first_that_is_known(re.findall(r"\[ (\S+), %\w+ \]", rest))
        if operation == "select":
            parts = [part.split()[-1] for part in split(rest)]
            try:
                return self.value(parts[1] if self.value(parts[0]) else parts[2])
            except Unknown:
                return self.first_that_is_known(parts[1:])
        if operation in ("zext", "trunc", "freeze", "sext", "bitcast", "addrspacecast", "inttoptr", "ptrtoint"):
            return self.converted(operation, rest)
        if operation == "getelementptr":
            parts = split(rest.replace("inbounds ", ""))
            indices = [signed(self.value(p.split()[-1]), int(p.split()[0][1:])) for p in parts[2:]]
            return self.value(parts[1].split()[-1]) + self.kernel.module.offset(parts[0], indices)
        if operation == "load":
            return self.scattered(self.value(split(rest)[1].split()[-1]), rest)
        if operation == "call":
            return self.called(rest)
        if operation == "icmp":
            return self.compared(rest)
        return self.arithmetic(operation, *self.operands(rest))

    def first_that_is_known(self, names):
        for name in names:
            try:
                return self.value(name)
            except Unknown:
                continue
        raise Unknown(names[0])

    def converted(self, operation, rest):
        source, target = rest.split(" to ") if " to " in rest else (rest, "i64")
        value = self.value(source.split()[-1])
        bits = re.match(r"i(\d+) ", source)
        if operation == "sext" and bits:
            value = signed(value, int(bits[1]))
        width = re.fullmatch(r"i(\d+)", target.strip())
        return value % (1 << int(width[1])) if width and operation != "freeze" else value

    def scattered(self, address, rest):
        if not re.match(r"(volatile )?i\d+, ptr addrspace\(1\)", rest):
            raise Unknown("a float, or local memory")
        return address // 4 * 2654435761 % 50000

    def called(self, rest):
        register = REGISTER.search(rest)
        if register:
            return self.place[register[1]]["xyz".index(register[2])]
        function = re.search(r"@llvm\.(umin|umax|smin|smax)\.i\d+\((.*)\)", rest)
        if not function:
            raise Unknown(rest)
        values = [self.value(part.split()[-1]) for part in split(function[2])]
        return (min if "min" in function[1] else max)(values)

    def compared(self, rest):
        condition, rest = rest.split(" ", 1)
        a, b, bits = self.operands(rest)
        if condition[0] == "s":
            a, b = signed(a, bits), signed(b, bits)
        return int({"eq": a == b, "ne": a != b, "lt": a < b, "le": a <= b, "gt": a > b, "ge": a >= b}[condition[-2:]])

    @staticmethod
    def arithmetic(operation, a, b, bits):
        if operation in ("udiv", "urem", "sdiv", "srem") and b == 0:
            raise Unknown("a division by 0")
        results = {"add": lambda: a + b, "sub": lambda: a - b, "mul": lambda: a * b, "and": lambda: a & b,
                   "or": lambda: a | b, "xor": lambda: a ^ b, "shl": lambda: a << b, "lshr": lambda: a >> b,
                   "ashr": lambda: signed(a, bits) >> b, "udiv": lambda: a // b, "urem": lambda: a % b,
                   "sdiv": lambda: signed(a, bits) // b, "srem": lambda: signed(a, bits) % b}
        if operation not in results:
            raise Unknown(operation)
        return results[operation]() % (1 << bits)


def signed(value, bits):
    value %= 1 << bits
    return value - (1 << bits) if value >> (bits - 1) else value
