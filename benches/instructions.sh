#!/usr/bin/env bash
# User instructions per request, by callgrind: Waypost beside bare hyper and axum, in one run. Repeatable: the same binary
# and the same requests give the same figures, whatever else the machine does. Needs valgrind.
#
#   benches/instructions.sh            all routes, all servers, as a markdown table
set -euo pipefail
cd "$(dirname "$0")/.."
command -v valgrind >/dev/null || { echo "valgrind is not installed" >&2; exit 1; }
cargo build -q --release -p waypost-benches
bin=target/release
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# Instructions of a server ($1) for $2 requests; the rest is the request.
total() {
    local server=$1 count=$2; shift 2
    mkfifo "$scratch/in" "$scratch/out"
    valgrind --tool=callgrind --callgrind-out-file="$scratch/callgrind" \
        "$bin/serve" "$server" <"$scratch/in" >"$scratch/out" 2>"$scratch/log" &
    local pid=$! address
    exec 7>"$scratch/in"
    read -r address <"$scratch/out"
    "$bin/load" "$address" "$count" "$@"
    exec 7>&-
    wait "$pid"
    rm "$scratch/in" "$scratch/out"
    awk '/^summary:|^totals:/ { print $2; exit }' "$scratch/callgrind"
}

# The difference between many and few requests leaves out starting, connecting and warming up.
per_request() {
    local server=$1; shift
    local few many
    few=$(total "$server" 1000 "$@")
    many=$(total "$server" 3000 "$@")
    echo $(((many - few) / 2000))
}

order='{"lines":[{"name":"a pencil, soft","count":3,"price":1.25},{"name":"paper, ruled","count":2,"price":4.5}]}'
echo "| request | hyper | hyper, header deadline | waypost | axum | waypost / hyper | … / hyper, deadline | … / axum |"
echo "|---|---|---|---|---|---|---|---|"
row() {
    local name=$1; shift
    local h d w a
    h=$(per_request hyper "$@"); d=$(per_request hyper-deadline "$@")
    w=$(per_request waypost "$@"); a=$(per_request axum "$@")
    awk -v n="$name" -v h="$h" -v d="$d" -v w="$w" -v a="$a" \
        'BEGIN { printf "| %s | %d | %d | %d | %d | %.2f | %.2f | %.2f |\n", n, h, d, w, a, w / h, w / d, w / a }'
}
row '`GET /hello`' GET /hello
row '`GET /users/{id}/posts/{post}`' GET /users/42/posts/hello-world
row '`GET /search?q&page`' GET '/search?q=rust&page=3'
row '`GET /user` (JSON out)' GET /user
row '`POST /orders` (JSON in)' POST /orders "$order"
