# How the commands of a page of docs/ run. A command is a line in a block of code that begins with
# '$ '; the lines below it are what it prints.

# plain: leaves the words and signs of lines; numbers and blanks between them are one blank
plain() {
    sed -E 's/\(OpenBLAS [^)]*\)//; s/[0-9]+([.][0-9]+)?(e-?[0-9]+)?/#/g; s/[ #]+/ /g; s/^ //; s/ $//'
}

# as_shown ARGUMENT...: runs the program as the page says; a case may define it anew to run less
as_shown() {
    "$program" "$@"
}

run_shown() {
    command=$1
    commands=$((commands + 1))
    (
        weft() { as_shown "$@"; }
        cd "$page_folder" && eval "$command"
    ) >out 2>err </dev/null
    check "$command: exit code" test $? -eq 0
    cat out err | plain >printed
}

# run_page PAGE FOLDER: runs the commands of docs/PAGE in FOLDER, and looks for each line that the
# page shows. Numbers may differ: they depend on the BLAS, and times on the machine. Counts the
# commands in `commands`.
run_page() {
    page_folder=$2
    commands=0
    command=
    while read -r line; do
        case $line in
        '$ '*) run_shown "${line#\$ }" ;;
        '```') command= ;;
        '' | 'device: '* | '...') ;;
        *)
            if [ -n "$command" ]; then
                echo "$line" | plain >shown
                check "$command: prints: $line" grep -qxF -f shown printed
            fi
            ;;
        esac
    done <"$here/../../docs/$1"
}
