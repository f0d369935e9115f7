# twice.sh COMMAND...: runs the command in two processes at once and succeeds when both do.
"$@" > /dev/null 2>&1 &
first=$!
"$@" > /dev/null 2>&1 &
second=$!
wait $first && wait $second
