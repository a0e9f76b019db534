# Where barriers of kernels may stand (CONTRIBUTING.md, "Kernels"): awk -f barriers.awk KERNEL...
# Lines are formatted by clang-format, so depth is indentation. One line a fault; fails if there was one.

# A loop with barriers is followed over its lines: depth, whether it has any, and what stood before it.
function is_barrier(line,    name)
{
    if (line ~ /(^|[^a-z_])barrier\(/)
        return 1
    for (name in waits)
        if (line ~ "(^|[^a-z_])" name "\\(")
            return 1
    return 0
}

function fault(number, what)
{
    printf "%s:%d: %s\n", file_of[number], line_of[number], what
    failed = 1
}

# The statements that enclose what stands at this depth stay; a loop that ends had to end with a barrier.
function leave(depth, number)
{
    for (; open > 0 && depth_of[open] >= depth; open--)
        if (loop[open] && waiting[open]) {
            if (!last_waits)
                fault(number, "a loop with barriers ends without one")
            if (!after_barrier[open])
                fault(began[open], "no barrier before a loop with barriers")
        }
}

function enter(depth, number, text)
{
    depth_of[++open] = depth
    loop[open] = text ~ /^(for|while|do)/
    waiting[open] = 0
    began[open] = number
    after_barrier[open] = last_waits
}

function judge_barrier(number, text,    i, loops)
{
    for (i = 1; i <= open; i++) {
        if (!loop[i])
            fault(number, "a barrier in a branch")
        loops += loop[i]
        waiting[i] = 1
    }
    if (loops > (text ~ /(^|[^a-z_])barrier\(/))
        fault(number, "loops with barriers in one another")
}

function judge(number,    text, depth)
{
    text = lines[number]
    if (text ~ /^[^ ]/) { # the next function
        leave(0, number)
        last_waits = 0
        return
    }
    match(text, /^ */)
    depth = RLENGTH
    text = substr(text, depth + 1)
    if (text == "" || text ~ /^(\/\*|\*|#)/)
        return
    leave(depth, number)
    if (text ~ /^(} )?(for|while|do|if|else|switch)[^a-z_]/)
        enter(depth, number, text)
    else if (text !~ /^}/) {
        last_waits = is_barrier(text)
        if (last_waits)
            judge_barrier(number, text)
    }
}

# Functions that wait at a barrier, by their names; they are defined before they are called.
function note_function(text)
{
    if (text ~ /^[a-z_].*\(/ && text !~ /^(enum|struct|typedef)/) {
        name = text
        sub(/\(.*/, "", name)
        sub(/.*[ *]/, "", name)
    } else if (text ~ /^ / && is_barrier(text))
        waits[name] = 1
}

{
    lines[++count] = $0
    file_of[count] = FILENAME
    line_of[count] = FNR
    note_function($0)
}

END {
    for (number = 1; number <= count; number++)
        judge(number)
    exit failed
}
