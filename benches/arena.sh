#!/usr/bin/env bash
# The arena's profiles on Waypost (examples/arena) and on axum (benches/arena): the same load, one after the other, round
# by round; a markdown table of the medians. Linux; needs wrk, h2load and, for what asks a database, PostgreSQL.
#
#   benches/arena.sh                      all profiles
#   benches/arena.sh baseline json        some
#   SECONDS_EACH=5 ROUNDS=3 CONNECTIONS=64 benches/arena.sh
#
# The server has one processor and the load another, so the requests a second are those of one core; "CPU" is the server's
# own time (user and system) for each request, which other work on the machine disturbs less. A load with one failed request or
# broken connection is no figure: the profile's row says so, its reason goes to standard error, and the script fails.
set -euo pipefail
cd "$(dirname "$0")/.."
for program in wrk h2load taskset; do
    command -v "$program" >/dev/null || { echo "$program is not installed" >&2; exit 1; }
done
seconds=${SECONDS_EACH:-3} rounds=${ROUNDS:-3} connections=${CONNECTIONS:-64}
server_cpu=${SERVER_CPU:-0} load_cpu=${LOAD_CPU:-1}
cargo build -q --release -p waypost-arena -p waypost-benches-arena
bin=${CARGO_TARGET_DIR:-target}/release
scratch=$(mktemp -d)
chmod 755 "$scratch"
server='' database=''
stop() { [ -z "$1" ] || { kill "$1" && wait "$1"; } 2>/dev/null || true; }
# Asks until a command succeeds, for so many seconds, while a process lives. What that process said is in a file.
await() {
    local what=$1 pid=$2 log=$3 end=$((SECONDS + $4)); shift 4
    until "$@" >/dev/null 2>&1; do
        if ! kill -0 "$pid" 2>/dev/null; then echo "$what ended before it could be asked:" >&2; tail -5 "$log" >&2; return 1; fi
        if [ "$SECONDS" -ge "$end" ]; then echo "$what cannot be asked yet:" >&2; tail -5 "$log" >&2; return 1; fi
        sleep 0.05
    done
}
trap 'stop "$server"; stop "$database"; rm -rf "$scratch"' EXIT

# A database of its own: the arena's table with 100,000 rows. PostgreSQL does not run as root. Its programs are on PATH or,
# as Debian has them, in a folder for each version.
postgres=''
found=$(command -v postgres || true)
for folder in "$(dirname "$(readlink -f "${found:-/dev/null}")")" $(printf '%s\n' /usr/lib/postgresql/*/bin | sort -rV); do
    if [ -x "$folder/initdb" ] && [ -x "$folder/postgres" ] && [ -x "$folder/psql" ]; then postgres=$folder; break; fi
done
sql() { "$postgres/psql" -v ON_ERROR_STOP=1 -qh "$scratch/pg" -U bench postgres "$@"; }
begin_database() {
    local as=()
    mkdir "$scratch/pg"
    if [ "$(id -u)" = 0 ]; then
        as=(setpriv --reuid=65534 --regid=65534 --clear-groups)
        chown 65534:65534 "$scratch/pg"
    fi
    "${as[@]}" "$postgres/initdb" -D "$scratch/pg/data" --username=bench --auth=trust -E UTF8 --no-locale --no-sync >/dev/null
    "${as[@]}" "$postgres/postgres" -D "$scratch/pg/data" -k "$scratch/pg" -h '' -F \
        -c max_connections=300 -c shared_buffers=128MB >"$scratch/pg.log" 2>&1 &
    database=$!
    await PostgreSQL "$database" "$scratch/pg.log" 60 sql -c 'SELECT 1'
    fill_database
    export DATABASE_URL="postgres://bench@${scratch//\//%2F}%2Fpg/postgres" DATABASE_MAX_CONN=64
}
# The table as it is at first.
fill_database() {
    sql <<'SQL'
SET client_min_messages TO warning;
DROP TABLE IF EXISTS items;
CREATE TABLE items (id INTEGER PRIMARY KEY, name TEXT NOT NULL, category TEXT NOT NULL, price INTEGER NOT NULL,
    quantity INTEGER NOT NULL, active BOOLEAN NOT NULL, tags JSONB NOT NULL, rating_score INTEGER NOT NULL,
    rating_count INTEGER NOT NULL);
INSERT INTO items SELECT id, 'Alpha Widget ' || id, (ARRAY['electronics', 'office', 'tools', 'toys'])[id % 4 + 1],
    id * 7919 % 500 + 1, id % 100, id % 2 = 0, '["fast", "new"]', id % 50, id % 200 FROM generate_series(1, 100000) AS id;
ANALYZE items;
CHECKPOINT;
SQL
}

# What wrk sends: a list of requests, of which each connection's thread takes one after the other.
rotation() {
    cat >"$scratch/$1.lua" <<LUA
local requests, at = {}, 0
local function add(method, target, fields, body) table.insert(requests, wrk.format(method, target, fields, body)) end
function init()
$2
end
request = function() at = at % #requests + 1 return requests[at] end
LUA
}
baseline='add("GET", "/baseline11?a=13&b=42")
add("POST", "/baseline11?a=13&b=42", { ["Content-Type"] = "text/plain" }, "20")
table.insert(requests, "POST /baseline11?a=13&b=42 HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n20\r\n0\r\n\r\n")'
json() {
    echo "for _, pair in ipairs({ $1 }) do add('GET', '/json/' .. pair[1] .. '?m=' .. pair[2], $2) end"
}
seven='{1,3}, {5,7}, {10,2}, {15,5}, {25,4}, {40,8}, {50,6}'
three='{25,4}, {40,8}, {50,6}'
files=$(cd examples/arena/data/static && ls | grep -v '\.br$\|\.gz$')
rotation baseline "$baseline"
rotation short-lived "for _ = 1, 9 do add('GET', '/baseline11?a=13&b=42') end
add('GET', '/baseline11?a=13&b=42', { Connection = 'close' })"
rotation pipelined "table.insert(requests, wrk.format('GET', '/pipeline'):rep(16))"
rotation json "$(json "$seven" nil)"
rotation json-tls "$(json "$seven" nil)"
rotation json-comp "$(json "$three" "{ ['Accept-Encoding'] = 'gzip, br' }")"
rotation json-gzip "$(json "$three" "{ ['Accept-Encoding'] = 'gzip' }")"
rotation upload 'for _, size in ipairs({ 500, 2048, 10240, 20480 }) do add("POST", "/upload", {}, ("x"):rep(size * 1024)) end'
rotation static "for name in ([[$files]]):gmatch('%S+') do
    add('GET', '/static/' .. name, { ['Accept-Encoding'] = 'br;q=1, gzip;q=0.8' }) end"
rotation async-db "for _, limit in ipairs({ 5, 10, 20, 35, 50 }) do add('GET', '/async-db?min=10&max=50&limit=' .. limit) end"
# A connection has five requests, whichever of the eight kinds its last is.
rotation api-4 "local targets = { '/baseline11?a=1&b=2', '/baseline11?a=1&b=2', '/baseline11?a=1&b=2', '/json/10?m=2', '/json/25?m=4',
    '/json/50?m=6', '/async-db?min=10&max=50&limit=20', '/async-db?min=10&max=50&limit=20' }
for n = 1, 40 do add('GET', targets[n % 8 + 1], n % 5 == 0 and { Connection = 'close' } or {}) end"
cat >"$scratch/crud.lua" <<'LUA'
local at, sent, created = 0, 0, 100000
-- A connection has two hundred requests.
local function fields()
    sent = sent + 1
    return { ["Content-Type"] = "application/json", Connection = sent % 200 == 0 and "close" or nil }
end
-- The same numbers in the same order, whoever is asked.
function init() math.randomseed(42) end
request = function()
    at = at % 20 + 1
    local id = math.random(1, 50000)
    if at <= 15 then return wrk.format("GET", "/crud/items/" .. id, fields()) end
    if at <= 18 then return wrk.format("PUT", "/crud/items/" .. id, fields(), '{"name":"Updated","price":30,"quantity":5}') end
    if at == 19 then return wrk.format("GET", "/crud/items?category=office&page=" .. math.random(1, 10), fields()) end
    created = created + 1
    return wrk.format("POST", "/crud/items", fields(), '{"id":' .. created .. ',"name":"New","category":"test","price":25,"quantity":10}')
end
LUA
printf '\0\0\0\0\4\10\1\20\2' >"$scratch/sum"

begin_server() {
    local binary=$1 name url
    # Before it begins, or the last one's would be read.
    : >"$scratch/ports"
    HOST=127.0.0.1 PORT=0 TLS_PORT=0 H2C_PORT=0 H2_PORT=0 DATA_DIR=examples/arena/data \
        taskset -c "$server_cpu" "$bin/$binary" >"$scratch/ports" 2>"$scratch/server.log" &
    server=$!
    await "$binary" "$server" "$scratch/server.log" 10 has_said_its_ports || return 1
    while IFS=': ' read -r name url; do declare -g "at_${name//-/_}=${url##*//}"; done <"$scratch/ports"
}

has_said_its_ports() { [ "$(wc -l <"$scratch/ports")" = 4 ]; }

pinned() { taskset -c "$load_cpu" "$@"; }
# Requests, and bytes of each response, as wrk tells them.
by_wrk() {
    pinned wrk -t1 -c "$2" -d "${seconds}s" --timeout 20s -s "$scratch/$1.lua" "$3" >"$scratch/out" || return 1
    if grep 'Non-2xx\|Socket errors' "$scratch/out" >&2; then return 1; fi
    awk '/ requests in / { n = $1; read = $5; sub(/,/, "", read)
        f = read ~ /GB/ ? 1073741824 : read ~ /MB/ ? 1048576 : read ~ /KB/ ? 1024 : 1; printf "%d %d\n", n, n ? (read + 0) * f / n : 0 }' "$scratch/out"
}
by_h2load() {
    pinned h2load -t1 -c "$1" -m "$2" -D "$seconds" "${@:3}" >"$scratch/out" || return 1
    awk '/^requests:/ { n = $8; bad = $10 + $12 + $14 } /^status codes:/ { bad += $5 }
        /^traffic:/ { gsub(/[()]/, ""); bytes = $3 }
        END { if (bad) { print bad " requests failed" >"/dev/stderr"; exit 1 } printf "%d %d\n", n, n ? bytes / n : 0 }' "$scratch/out"
}
run() {
    local few=$((connections < 32 ? connections : 32)) m name counted
    case $1 in
        baseline | pipelined | short-lived | json | json-comp | json-gzip | static | async-db | crud | api-4) by_wrk "$1" "$connections" "http://$at_plain" ;;
        upload) by_wrk "$1" 8 "http://$at_plain" ;;
        json-tls) by_wrk "$1" "$connections" "https://$at_tls" ;;
        baseline-h2) by_h2load "$few" 100 "https://$at_h2/baseline2?a=1&b=1" ;;
        baseline-h2c) by_h2load "$few" 100 -p h2c "http://$at_h2c/baseline2?a=1&b=1" ;;
        json-h2c)
            for m in '1?m=3' '5?m=7' '10?m=2' '15?m=5' '25?m=4' '40?m=8' '50?m=6'; do echo "http://$at_h2c/json/$m"; done >"$scratch/uris"
            by_h2load "$few" 32 -p h2c -i "$scratch/uris" ;;
        static-h2)
            for name in $files; do echo "https://$at_h2/static/$name"; done >"$scratch/uris"
            by_h2load "$few" 32 -i "$scratch/uris" -H 'accept-encoding: br;q=1, gzip;q=0.8' ;;
        unary-grpc)
            by_h2load "$few" 100 -p h2c -d "$scratch/sum" -H 'content-type: application/grpc' -H 'te: trailers' \
                "http://$at_plain/benchmark.BenchmarkService/GetSum" ;;
        stream-grpc | echo-ws)
            counted=$(pinned "$bin/arena-load" "$1" "$at_plain" "$([ "$1" = echo-ws ] && echo "$connections" || echo 8)" "$seconds") || return 1
            echo "$counted 0" ;;
        *) echo "no profile $1" >&2; return 1 ;;
    esac
}

# Ticks of the server's own time so far.
ticks() { awk '{ sub(/.*\) /, ""); print $12 + $13 }' "/proc/$server/stat"; }
# Requests a second, CPU in µs and bytes of a response, for profile $1 of binary $2.
measure() {
    # It runs in a shell of its own, which has a server of its own. It is asked whether it succeeds, so `set -e` is off.
    trap 'stop "$server"' EXIT
    # Whoever is second finds what the first found.
    if [ "$1" = crud ]; then fill_database || return 1; fi
    begin_server "$2" || return 1
    seconds=1 run "$1" >/dev/null || return 1
    local before after start end counted count bytes
    before=$(ticks) || return 1
    start=$(date +%s%N)
    counted=$(run "$1") || return 1
    end=$(date +%s%N)
    after=$(ticks) || return 1
    read -r count bytes <<<"$counted"
    if [ "$count" = 0 ]; then echo 'no request was answered' >&2; return 1; fi
    stop "$server"; server=''
    awk -v n="$count" -v t=$((after - before)) -v hz="$(getconf CLK_TCK)" -v ns=$((end - start)) -v bytes="$bytes" \
        'BEGIN { cpu = n ? t / hz * 1e6 / n : 0; printf "%.0f " (cpu < 100 ? "%.3g" : "%.0f") " %d\n", n / ns * 1e9, cpu, bytes }'
}
median() { sort -g | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'; }

profiles=("$@")
if [ $# = 0 ]; then
    profiles=(baseline pipelined short-lived json json-comp json-gzip json-tls upload static async-db crud api-4
        baseline-h2 static-h2 baseline-h2c json-h2c unary-grpc stream-grpc echo-ws)
fi
if [[ " ${profiles[*]} " =~ \ (async-db|crud|api-4)\  ]]; then
    if [ -x "$postgres/initdb" ]; then begin_database; else echo "no PostgreSQL: async-db, crud and api-4 are left out" >&2; fi
fi
echo "| profile | waypost, a second | axum, a second | ratio | waypost, CPU µs | axum, CPU µs | ratio | bytes each: waypost, axum |"
echo "|---|---|---|---|---|---|---|---|"
failed=0
for profile in "${profiles[@]}"; do
    if [[ $profile =~ ^(async-db|crud|api-4)$ && -z $database ]]; then continue; fi
    rm -f "$scratch"/{w,a}.{rate,cpu,bytes}
    for ((round = 0; round < rounds; round++)); do
        # Each is first in turn.
        sides=(w:waypost-arena a:waypost-benches-arena)
        if [ $((round % 2)) = 1 ]; then sides=("${sides[1]}" "${sides[0]}"); fi
        for side in "${sides[@]}"; do
            if ! measured=$(measure "$profile" "${side#*:}"); then
                echo "$profile, ${side#*:}: failed" >&2
                echo "| $profile | ${side#*:} failed | | | | | | |"
                failed=1
                continue 3
            fi
            read -r rate cpu bytes <<<"$measured"
            echo "$rate" >>"$scratch/${side%%:*}.rate"
            echo "$cpu" >>"$scratch/${side%%:*}.cpu"
            echo "$bytes" >>"$scratch/${side%%:*}.bytes"
        done
    done
    for kind in rate cpu bytes; do for side in w a; do
        declare "${side}_$kind=$(median <"$scratch/$side.$kind")"
    done; done
    awk -v p="$profile" -v wr="$w_rate" -v ar="$a_rate" -v wc="$w_cpu" -v ac="$a_cpu" -v wb="$w_bytes" -v ab="$a_bytes" \
        'BEGIN { printf "| %s | %d | %d | %.2f | %s | %s | %.2f | %s |\n", p, wr, ar, ar ? wr / ar : 0, wc, ac, ac ? wc / ac : 0, wb ? wb ", " ab : "" }'
done
exit "$failed"
