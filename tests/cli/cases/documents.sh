# The commands of docs/data.md run, and print what the page shows. Numbers may differ: they depend on
# the BLAS, and times on the machine.

mkdir documents
ln -s "$(realpath "$here/../../data")" documents/data

# plain: leaves the words and signs of lines; numbers and blanks between them are one blank
plain() {
    sed -E 's/\(OpenBLAS [^)]*\)//; s/[0-9]+([.][0-9]+)?(e-?[0-9]+)?/#/g; s/[ #]+/ /g; s/^ //; s/ $//'
}

commands=0
run_shown() {
    command=$1
    commands=$((commands + 1))
    (
        weft() { "$program" "$@"; }
        cd documents && eval "$command"
    ) >out 2>err </dev/null
    check "$command: exit code" test $? -eq 0
    cat out err | plain >printed
}

command=
while read -r line; do
    case $line in
    '$ '*) run_shown "${line#\$ }" ;;
    '```') command= ;;
    '' | 'device: '*) ;;
    *)
        if [ -n "$command" ]; then
            echo "$line" | plain >shown
            check "$command: prints: $line" grep -qxF -f shown printed
        fi
        ;;
    esac
done <"$here/../../docs/data.md"
check 'the page has six commands' test "$commands" -eq 6
check 'some lines are checked' test "$checks" -gt 60
