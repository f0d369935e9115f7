# pipes.sh FOLDER COMMAND...: runs the command with the four pipes of the folder for its files, and keeps what came through in NAME.got.
set -e
folder=$1
shift
readers=()
for name in json csv report timeline; do
  timeout 60 cat "$folder/$name" > "$folder/$name.got" &
  readers+=($!)
done
"$@" --json "$folder/json" --csv "$folder/csv" --report "$folder/report" --timeline "$folder/timeline"
wait "${readers[@]}"
for name in json csv report timeline; do
  test -p "$folder/$name"
done
