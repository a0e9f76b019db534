# The commands of docs/data.md run, and print what the page shows.

mkdir documents
ln -s "$(realpath "$here/../../data")" documents/data
run_page data.md documents
check 'the page has six commands' test "$commands" -eq 6
check 'some lines are checked' test "$checks" -gt 60
