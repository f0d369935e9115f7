# status.sh STATUS COMMAND...: runs the command and succeeds when it exits with that status.
expected=$1
shift
"$@"
status=$?
[ "$status" = "$expected" ] || { echo "status $status, not $expected: $*" >&2; exit 1; }
