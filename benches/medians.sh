#!/usr/bin/env bash
# The medians of the last `cargo bench -p waypost-benches`, as markdown tables: nanoseconds a request, a lookup, a document.
# Of another run, such as that of the peers: benches/medians.sh benches/peers/target/criterion
set -euo pipefail
cd "$(dirname "$0")/.."
directory=${1:-${CARGO_TARGET_DIR:-target}/criterion}
[ -d "$directory" ] || { echo "there is no $directory: cargo bench -p waypost-benches" >&2; exit 1; }
# In the order in which they were timed.
find "$directory" -path '*/new/estimates.json' -printf '%T@ %h\n' | sort -n | while read -r _ place; do
    sed -E 's/.*"group_id":"([^"]*)","function_id":"([^"]*)".*"throughput":(null|\{"([A-Za-z]*)":([0-9]+)).*/\1|\2|\4|\5/' \
        "$place/benchmark.json" | tr -d '\n'
    sed -E 's/.*"median":\{[^}]*\},"point_estimate":([0-9.eE+-]+).*/|\1\n/' "$place/estimates.json"
done | awk -F '|' '
    NF < 5 { next }
    {
        family = $1; sub(/,.*/, "", family); row = $1; sub(/^[^,]*, /, "", row)
        # One of several: the first is the family of all.
        if (!(family in rows)) families[++count] = family
        if (!((family, row) in seen)) { seen[family, row] = 1; names[family, ++rows[family]] = row }
        if (!((family, $2) in shown)) { shown[family, $2] = 1; heads[family, ++columns[family]] = $2 }
        value[family, row, $2] = $3 == "Elements" ? $5 / $4 : $5
    }
    END {
        for (f = 1; f <= count; f++) {
            family = families[f]
            line = "| " family " |"; rule = "|---|"
            for (c = 1; c <= columns[family]; c++) { line = line " " heads[family, c] " |"; rule = rule "---|" }
            print line "\n" rule
            for (r = 1; r <= rows[family]; r++) {
                row = names[family, r]; line = "| " row " |"
                for (c = 1; c <= columns[family]; c++) {
                    key = family SUBSEP row SUBSEP heads[family, c]
                    line = line " " (key in value ? sprintf(value[key] < 100 ? "%.1f" : "%.0f", value[key]) : "-") " |"
                }
                print line
            }
            print ""
        }
    }'
