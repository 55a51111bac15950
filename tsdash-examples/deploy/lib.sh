# Shared by the scripts here: where things are, and how a server is started and asked.
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
root="$(cd "$here/../.." && pwd)"
tsdash="${TSDASH_COMMAND:-$root/tsdash}"
run="${TSDASH_RUN:-/tmp/tsdash-two-servers}"
front="${TSDASH_FRONT:-127.0.0.1:8080}"
admin="${TSDASH_ADMIN:-127.0.0.1:8079}"
declare -A address=([a]="${TSDASH_A:-127.0.0.1:8081}" [b]="${TSDASH_B:-127.0.0.1:8082}")

say() { echo "$(basename "$0"): $*" >&2; }

# Whether something listens at HOST:PORT.
listens() { (exec 3<>"/dev/tcp/${1%:*}/${1##*:}") 2>/dev/null; }

# The status of /health/ready at HOST:PORT; 000 when there is no answer.
readiness() {
  local line=""
  { exec 3<>"/dev/tcp/${1%:*}/${1##*:}" && printf 'GET /health/ready HTTP/1.0\r\n\r\n' >&3 && read -r -t 2 line <&3; exec 3<&-; } 2>/dev/null || true
  [[ "$line" =~ \ ([0-9]{3}) ]] && echo "${BASH_REMATCH[1]}" || echo 000
}

# Waits until a server is ready; fails when it has ended, and after a minute.
await_ready() {
  for _ in $(seq 300); do
    [ "$(readiness "${address[$1]}")" = 200 ] && return 0
    kill -0 "$(cat "$run/$1.pid")" 2>/dev/null || { say "server $1 has ended; its log is $run/$1.log"; return 1; }
    sleep 0.2
  done
  say "server $1 was not ready within a minute; its log is $run/$1.log"
  return 1
}

# Starts server a or b with the options that two-servers kept; its log is for machines to read, if not told otherwise.
start_server() {
  local name="$1" options=()
  mapfile -t options < "$run/options"
  TSDASH_LOG_FORMAT="${TSDASH_LOG_FORMAT:-ecs}" "$tsdash" serve --host "${address[$name]%:*}" --port "${address[$name]##*:}" --data "$run/$name" --relay-node "$name" \
    "${options[@]}" > "$run/$name.log" 2>&1 &
  echo $! > "$run/$name.pid"
}

# Sends HAProxy a command.
proxy() {
  { exec 3<>"/dev/tcp/${admin%:*}/${admin##*:}" && echo "$*" >&3 && cat <&3; exec 3<&-; } 2>/dev/null
}
