# Reports files longer than `longest_file` lines, and functions longer than `longest_function`:
# clang-format puts the braces of a function, and of nothing else, alone into column 0.

FNR == 1 {
    report_file()
    file = FILENAME
}

{
    lines = FNR
}

/^[a-zA-Z_].*\(/ {
    signature = $0
}

/^\{$/ {
    start = FNR
}

/^\}$/ && start {
    if (FNR - start + 1 > longest_function) {
        printf "%s:%d: %d lines: %s\n", FILENAME, start, FNR - start + 1, signature
        faults++
    }
    start = 0
}

function report_file()
{
    if (lines > longest_file) {
        printf "%s: %d lines\n", file, lines
        faults++
    }
}

END {
    report_file()
    exit faults > 0
}
