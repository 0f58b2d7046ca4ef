#!/usr/bin/env bash
# Measures the example `serve` beside nginx, and prints Markdown tables: requests for each
# second of the server's processor time, and the memory that 1,000 slow clients take.
#
#   netsend/examples/serve/beside_nginx.sh [--into FILE]
#
# With --into, the tables replace what stands between the marks in FILE. It needs nginx,
# wrk and curl, and says so if one of them is missing. If static-web-server is there, it is
# measured as well. RUNS and SECONDS_EACH change how often and how long.
set -euo pipefail

RUNS=${RUNS:-5}
SECONDS_EACH=${SECONDS_EACH:-4}
SLOW_CLIENTS=1000
BEGIN='<!-- beside nginx: begin -->'
END='<!-- beside nginx: end -->'

into=
if [ "${1-}" = --into ]; then into=$(realpath "$2"); fi
for tool in nginx wrk curl; do
    if ! PATH=$PATH:/usr/sbin command -v "$tool" >/dev/null; then
        echo "SKIPPED: $tool is not installed; nothing was measured."
        exit 0
    fi
done
PATH=$PATH:/usr/sbin
cd "$(dirname "$0")/../../.."
cargo build --quiet --release -p uncopied-netsend --features tokio --example serve
serve=${CARGO_TARGET_DIR:-target}/release/examples/serve
# Each slow client is a descriptor here; the servers hold two for each.
ulimit -n "$(ulimit -H -n)"

work=$(mktemp -d)
declare -A pids ports
declare -a servers=()
cleanup() {
    for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null || true; done
    wait
    rm -rf "$work"
}
trap cleanup EXIT

# The worker of nginx is another user, who has to read the files.
chmod 755 "$work"
mkdir "$work/root"
head -c $((64 << 10)) /dev/urandom >"$work/root/64KiB"
head -c $((64 << 20)) /dev/urandom >"$work/root/64MiB"
cat >"$work/nginx.conf" <<CONF
daemon off;
worker_processes 1;
pid $work/nginx.pid;
events { worker_connections 4096; }
http {
    access_log off;
    sendfile on;
    keepalive_requests 1000000000;
    client_body_temp_path $work/body;
    proxy_temp_path $work/proxy;
    fastcgi_temp_path $work/fastcgi;
    uwsgi_temp_path $work/uwsgi;
    scgi_temp_path $work/scgi;
    server { listen 127.0.0.1:18080; root $work/root; }
}
CONF
cat >"$work/count.lua" <<'LUA'
function done(summary)
    local errors = summary.errors
    local failed = errors.connect + errors.read + errors.write + errors.status + errors.timeout
    print("COUNTED", summary.requests, summary.bytes, failed)
end
LUA

start() { # name port command...
    local name=$1 port=$2
    shift 2
    "$@" >"$work/log" 2>&1 &
    pids[$name]=$! ports[$name]=$port
    servers+=("$name")
    local sum
    for file in 64KiB 64MiB; do
        sum=$(curl -sS --retry 20 --retry-connrefused --retry-delay 1 \
            "http://127.0.0.1:$port/$file" | sha256sum)
        if [ "$sum" != "$(sha256sum <"$work/root/$file")" ]; then
            echo "$name does not serve $file as it is" >&2
            exit 1
        fi
    done
}

# The server's process and its children.
processes() { echo "${pids[$1]}" "$(pgrep -P "${pids[$1]}" | tr '\n' ' ')"; }

# Ticks of processor time, user and system, of all threads (proc(5): utime and stime).
cpu() {
    for pid in $(processes "$1"); do sed 's/.*) //' "/proc/$pid/stat"; done |
        awk '{ sum += $12 + $13 } END { print sum }'
}

# KiB at most so far, of the process that serves.
peak() {
    for pid in $(processes "$1"); do sed -n 's/^VmHWM:\s*\([0-9]*\).*/\1/p' "/proc/$pid/status"; done |
        sort -n | tail -1
}

sockets() {
    for pid in $(processes "$1"); do ls -l "/proc/$pid/fd"; done | grep -c socket:
}

# One run: a line of file, server, requests, CPU seconds. Of large files few answers are
# whole when the time is over, so the bytes that came are counted.
measure() { # file server
    local before after counted
    before=$(cpu "$2")
    counted=$(wrk -t1 -c4 -d"${SECONDS_EACH}s" --timeout 30s -s "$work/count.lua" \
        "http://127.0.0.1:${ports[$2]}/$1" | grep ^COUNTED)
    after=$(cpu "$2")
    awk -v counted="$counted" -v ticks=$((after - before)) -v file="$1" \
        -v server="$2" -v hertz="$(getconf CLK_TCK)" 'BEGIN {
            split(counted, n, /[ \t]+/)
            if (n[4] > 0) { print server ": " n[4] " requests failed" > "/dev/stderr"; exit 1 }
            requests = file == "64MiB" ? n[3] / (64 * 1024 * 1024) : n[2]
            print file "\t" server "\t" requests "\t" ticks / hertz
        }' >>"$work/results"
}

table() { # file
    echo
    echo "**$1, 4 connections, keep-alive**"
    echo
    echo "| server | requests per CPU second, all runs | beside nginx | median run | beside nginx | lowest | highest | CPU seconds in all | requests per second |"
    echo "|---|---|---|---|---|---|---|---|---|"
    for server in "${servers[@]}"; do
        awk -F '\t' -v OFS='\t' -v file="$1" -v server="$server" \
            '$1 == file && $2 == server { print $3 / $4, $3, $4 }' "$work/results" | sort -g |
            awk -F '\t' -v OFS='\t' -v server="$server" -v wall="$SECONDS_EACH" '
                { rate[NR] = $1; requests += $2; cpu += $3 }
                END {
                    median = (rate[int((NR + 1) / 2)] + rate[int(NR / 2) + 1]) / 2
                    print server, requests / cpu, median, rate[1], rate[NR], cpu, requests / NR / wall
                }'
    done | awk -F '\t' '
        NR == 1 { pooled = $2; median = $3 }
        {
            n = $2 < 1000 ? "%.1f" : "%.0f"
            format = "| %s | " n " | %.2f | " n " | %.2f | " n " | " n " | %.2f | %.1f |\n"
            printf format, $1, $2, $2 / pooled, $3, $3 / median, $4, $5, $6, $7
        }'
}

slow_clients() { # server
    local before fd held
    local -a fds=()
    before=$(peak "$1")
    for ((i = 0; i < SLOW_CLIENTS; i++)); do
        exec {fd}<>"/dev/tcp/127.0.0.1/${ports[$1]}"
        printf 'GET /64MiB HTTP/1.1\r\nHost: localhost\r\n\r\n' >&"$fd"
        fds+=("$fd")
    done
    sleep 4
    held=$(sockets "$1")
    awk -v server="$1" -v before="$before" -v after="$(peak "$1")" -v held="$held" \
        -v clients="$SLOW_CLIENTS" 'BEGIN {
            if (held < clients) { print server " has let clients go" > "/dev/stderr"; exit 1 }
            printf "| %s | %d | %d | %d | %.1f |\n", server, before, after, after - before, \
                (after - before) / clients
        }'
    for fd in "${fds[@]}"; do exec {fd}>&-; done
}

report() {
    local machine
    machine="$(sed -n 's/^model name\s*: //p' /proc/cpuinfo | head -1), $(nproc) cores"
    echo "Printed by \`netsend/examples/serve/beside_nginx.sh\` on $(date -u +%F): $machine, linux $(uname -r);"
    echo "$(nginx -v 2>&1 | sed 's/.*: //'), $(wrk -v 2>&1 | sed -n 's/ \[.*//; s/^wrk [^0-9]*/wrk /p' | head -1); $RUNS interleaved runs of $SECONDS_EACH s each, over loopback."
    table 64KiB
    table 64MiB
    echo
    echo "**$SLOW_CLIENTS clients that ask for 64 MiB and read nothing for 4 s**"
    echo
    echo "| server | VmHWM before, KiB | after, KiB | growth, KiB | growth per client, KiB |"
    echo "|---|---|---|---|---|"
    cat "$work/slow"
}

start nginx 18080 nginx -e "$work/nginx.log" -p "$work" -c "$work/nginx.conf"
start "serve, one thread" 18081 env TOKIO_WORKER_THREADS=1 "$serve" --root "$work/root" --port 18081
start "serve, a thread for each core" 18082 "$serve" --root "$work/root" --port 18082
if command -v static-web-server >/dev/null; then
    start "static-web-server" 18083 static-web-server --root "$work/root" --port 18083 \
        --host 127.0.0.1 --log-level error --threads-multiplier 1
fi
for file in 64KiB 64MiB; do
    for ((run = 0; run < RUNS; run++)); do
        for server in "${servers[@]}"; do measure "$file" "$server"; done
    done
done
for server in "${servers[@]}"; do slow_clients "$server"; done >"$work/slow"
report >"$work/report"
if [ -z "$into" ]; then
    cat "$work/report"
else
    awk -v begin="$BEGIN" -v end="$END" -v report="$work/report" '
        $0 == end { inside = 0 }
        !inside { print }
        $0 == begin { inside = 1; print ""; while ((getline line < report) > 0) print line; print "" }
    ' "$into" >"$work/spliced"
    grep -qF "$BEGIN" "$into" || { echo "$into has no marks" >&2; exit 1; }
    cat "$work/spliced" >"$into"
fi
