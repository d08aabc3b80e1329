#!/usr/bin/env bash
# User instructions and heap allocations per request, by callgrind: Waypost beside bare hyper and axum, in one run.
# Repeatable: the same binary and the same requests give the same figures to 0.3 %, whatever else the machine does; those
# with 100 KiB to 3 %, since it is not always in the same pieces that a body arrives. Needs valgrind.
#
#   benches/instructions.sh            all routes, all servers, as markdown tables, and the aims
#   benches/instructions.sh --record   the same, and writes them to benches/instructions.baseline
#   benches/instructions.sh --check    fails if Waypost has become dearer than the baseline has it
#
# What is compared with the baseline is Waypost's share of bare hyper's instructions for the same request, so that another
# compiler or processor, which changes both, is not taken for Waypost; and allocations, as they are.
set -euo pipefail
cd "$(dirname "$0")/.."
baseline=benches/instructions.baseline
mode=${1:-}
case $mode in '' | --record | --check) ;; *)
    sed -n '2,/^set/{/^#/s/^# \{0,1\}//p}' "$0" >&2
    exit 2
    ;;
esac
if [ "$mode" = --check ] && [ ! -s "$baseline" ]; then
    echo "there is no baseline: benches/instructions.sh --record" >&2
    exit 1
fi
command -v valgrind >/dev/null || { echo "valgrind is not installed" >&2; exit 1; }
# Incremental builds are split otherwise, and inlined otherwise: some 1 % more.
CARGO_INCREMENTAL=0 cargo build -q --release -p waypost-benches --bin serve --bin load
bin=${CARGO_TARGET_DIR:-target}/release
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
export bin scratch

# request | how often: few, many | what is sent
order='{"lines":[{"name":"a pencil, soft","count":3,"price":1.25},{"name":"paper, ruled","count":2,"price":4.5}]}'
requests="\
hello|500|1500|GET|/hello
parameters|500|1500|GET|/users/42/posts/hello-world
query|500|1500|GET|/search?q=rust&page=3
json-out|500|1500|GET|/user
json-in|500|1500|POST|/orders|$order
not-found|500|1500|--status|404|GET|/nothing/is/here
1k-owned|500|1500|POST|/documents|document:1024
1k-borrowed|500|1500|POST|/documents/borrowed|document:1024
100k-owned|10|30|POST|/documents|document:102400
100k-borrowed|10|30|POST|/documents/borrowed|document:102400
pipelined|512|1536|--at-once|16|GET|/hello
generated|500|1500|GET|/api/v2/events-7/4711/items/blue"

# Those whose baseline is nobody's but Waypost's are last.
jobs() {
    local request server
    while IFS='|' read -r request _; do
        [ "$request" = generated ] && continue
        for server in hyper hyper-deadline waypost axum; do echo "$request $server"; done
    done <<<"$requests"
    echo hello waypost-middlewares
    for request in hello parameters generated; do
        for server in waypost-10-routes waypost-10000-routes; do echo "$request $server"; done
    done
}

# Instructions and allocations of a server ($1) until it has answered; $2 is a name for what it leaves behind.
total() {
    local server=$1 place=$scratch/$2; shift 2
    mkfifo "$place.in" "$place.out"
    valgrind --tool=callgrind --callgrind-out-file="$place.callgrind" \
        "$bin/serve" "$server" <"$place.in" >"$place.out" 2>"$place.log" &
    local pid=$! address
    exec 7>"$place.in"
    read -r address <"$place.out"
    "$bin/load" "${@/ADDRESS/$address}"
    exec 7>&-
    wait "$pid"
    # The allocator's own calls of itself are not counted. A name stands where it is met first, behind its number.
    awk '
        function name(text,   number) {
            number = text; sub(/\).*/, ")", number)
            if (text != number) { sub(/^\([0-9]+\) /, "", text); sub(/\047[0-9]+$/, "", text); names[number] = text }
            return names[number]
        }
        function allocates(function_) { return function_ ~ /^(malloc|calloc|realloc|aligned_alloc|posix_memalign)$/ }
        /^fn=/ { within = name(substr($0, 4)) }
        /^cfn=/ { called = name(substr($0, 5)) }
        /^calls=/ && allocates(called) && !allocates(within) { split($1, calls, "="); allocations += calls[2] }
        /^(summary|totals):/ && !instructions { instructions = $2 }
        END { print instructions, allocations }' "$place.callgrind"
    rm "$place".*
}

# The difference between many and few requests leaves out starting, connecting and warming up.
measure() {
    local request=$1 server=$2 line few many before after options=() rest
    line=$(grep "^$request|" "$scratch/requests")
    IFS='|' read -r _ few many rest <<<"$line"
    IFS='|' read -ra rest <<<"$rest"
    while [[ ${rest[0]} == --* ]]; do options+=("${rest[@]:0:2}"); rest=("${rest[@]:2}"); done
    before=$(total "$server" "$request-$server" "${options[@]}" ADDRESS "$few" "${rest[@]}")
    after=$(total "$server" "$request-$server" "${options[@]}" ADDRESS "$many" "${rest[@]}")
    echo "$request $server $before $after $((many - few))" |
        awk '{ printf "%s %s %.0f %.2f\n", $1, $2, ($5 - $3) / $7, sprintf("%.2f", ($6 - $4) / $7) + 0 }'
}
export -f total measure
echo "$requests" >"$scratch/requests"
jobs >"$scratch/jobs"
xargs -P "${JOBS:-$(nproc)}" -L 1 bash -euo pipefail -O inherit_errexit -c 'measure "$0" "$1" >"$scratch/result-$0-$1"' <"$scratch/jobs"
# In the order of the jobs, whichever was ready first.
while read -r request server; do cat "$scratch/result-$request-$server"; done <"$scratch/jobs" >"$scratch/results"

awk '
    { i[$1, $2] = $3; a[$1, $2] = $4 }
    function row(request, label,   h, d, w, x) {
        h = i[request, "hyper"]; d = i[request, "hyper-deadline"]; w = i[request, "waypost"]; x = i[request, "axum"]
        printf "| %s | %d | %d | %d | %d | %.2f | %.2f | %.2f |\n", label, h, d, w, x, w / h, w / d, w / x
        heap = heap sprintf("| %s | %g | %g | %g | %g |\n", label, a[request, "hyper"], a[request, "hyper-deadline"],
            a[request, "waypost"], a[request, "axum"])
    }
    function aim(text, value, limit, format) {
        printf "| %s | " format " | " format " | %s |\n", text, limit, value, value <= limit ? "met" : "missed"
    }
    END {
        print "| instructions | hyper | hyper, header deadline | waypost | axum | waypost / hyper | … / hyper, deadline | … / axum |"
        print "|---|---|---|---|---|---|---|---|"
        row("hello", "`GET /hello`"); row("parameters", "`GET /users/{id}/posts/{post}`")
        row("query", "`GET /search?q&page`"); row("json-out", "`GET /user` (JSON out)")
        row("json-in", "`POST /orders` (JSON in)"); row("not-found", "404")
        row("1k-owned", "1 KiB JSON in, owned"); row("1k-borrowed", "1 KiB JSON in, borrowed (axum: owned)")
        row("100k-owned", "100 KiB JSON in, owned"); row("100k-borrowed", "100 KiB JSON in, borrowed (axum: owned)")
        row("pipelined", "`GET /hello`, 16 sent at once")
        print "\n| allocations | hyper | hyper, header deadline | waypost | axum |\n|---|---|---|---|---|"
        printf "%s", heap
        print "\n| aim | at most | is | |\n|---|---|---|---|"
        aim("`GET /hello`, of bare hyper", i["hello", "waypost"] / i["hello", "hyper"], 0.93, "%.2f")
        aim("`GET /users/{id}/posts/{post}`, of bare hyper", i["parameters", "waypost"] / i["parameters", "hyper"], 0.93, "%.2f")
        aim("`GET /search?q&page`, of bare hyper", i["query", "waypost"] / i["query", "hyper"], 0.93, "%.2f")
        aim("`GET /user` (JSON out), of bare hyper", i["json-out", "waypost"] / i["json-out", "hyper"], 0.93, "%.2f")
        aim("1 KiB JSON in, borrowed, of bare hyper, owned", i["1k-borrowed", "waypost"] / i["1k-owned", "hyper"], 0.70, "%.2f")
        aim("1 KiB JSON in, owned, of bare hyper, owned", i["1k-owned", "waypost"] / i["1k-owned", "hyper"], 0.92, "%.2f")
        aim("100 KiB JSON in, borrowed, of axum", i["100k-borrowed", "waypost"] / i["100k-owned", "axum"], 0.50, "%.2f")
        aim("10,000 routes over 10: `GET /hello`", i["hello", "waypost-10000-routes"] - i["hello", "waypost-10-routes"], 200, "%d")
        aim("10,000 routes over 10: `GET /users/{id}/posts/{post}`", i["parameters", "waypost-10000-routes"] - i["parameters", "waypost-10-routes"], 200, "%d")
        aim("10,000 routes over 10: one of them, two parameters", i["generated", "waypost-10000-routes"] - i["generated", "waypost-10-routes"], 200, "%d")
        aim("three middlewares: instructions", i["hello", "waypost-middlewares"] - i["hello", "waypost"], 300, "%d")
        aim("three middlewares: allocations", a["hello", "waypost-middlewares"] - a["hello", "waypost"], 0, "%g")
        aim("allocations: `GET /hello`", a["hello", "waypost"], 2, "%g")
        aim("allocations: `GET /users/{id}/posts/{post}`", a["parameters", "waypost"], 4, "%g")
    }' "$scratch/results"

case $mode in
--record)
    {
        echo "# By benches/instructions.sh --record: request, server, instructions and allocations of one request."
        echo "# $(rustc -V); $(valgrind --version); $(uname -sm); $(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -1)"
        sed -n '/^name = "\(hyper\|axum\|tokio\)"$/{N;s/name = "\(.*\)"\nversion = "\(.*\)"/# \1 \2/p}' Cargo.lock
        cat "$scratch/results"
    } >"$baseline"
    ;;
--check)
    echo
    awk '
        function tolerance(request) { return request ~ /^100k/ ? 1.05 : 1.02 }
        /^#/ { next }
        FNR == NR { old[$1, $2] = $3; before[$1, $2] = $4; next }
        { new[$1, $2] = $3; after[$1, $2] = $4; order[++count] = $1 SUBSEP $2 }
        END {
            for (n = 1; n <= count; n++) {
                key = order[n]; split(key, part, SUBSEP)
                if (part[2] !~ /^waypost/) continue
                what = part[1] " (" part[2] ")"
                if (!(key in old)) { print "NOT IN THE BASELINE: " what; bad = 1; continue }
                was = old[key]; is = new[key]; reference = part[1] SUBSEP "hyper"
                if (reference in old) { was /= old[reference]; is /= new[reference] }
                if (is > was * tolerance(part[1])) {
                    printf "DEARER: %s: %d instructions, were %d", what, new[key], old[key]
                    if (reference in old) printf "; of hyper %.3f, was %.3f", is, was
                    print ""; bad = 1
                }
                if (is * tolerance(part[1]) < was) {
                    printf "cheaper: %s: %d instructions, were %d: record it\n", what, new[key], old[key]
                }
                if (after[key] > before[key] * 1.01 + 0.05) {
                    printf "DEARER: %s: %g allocations, were %g\n", what, after[key], before[key]; bad = 1
                }
            }
            if (!bad) print "Waypost is not dearer than the baseline has it."
            exit bad
        }' "$baseline" "$scratch/results"
    ;;
esac
