#!/bin/sh
# The steps that the Maven build takes here: install, build OUT, test.
set -eu
cd "$(dirname "$0")"

if ! command -v node >/dev/null || ! command -v npm >/dev/null; then
  echo "The dashboard is built with Node 20.19 or newer and npm, which are not installed; -Dweb.skip leaves it out." >&2
  exit 1
fi
if ! node -e 'const [a, b] = process.versions.node.split(".").map(Number); process.exit(a > 20 || (a === 20 && b >= 19) ? 0 : 1)'; then
  echo "The dashboard is built with Node 20.19 or newer; this is $(node --version). -Dweb.skip leaves it out." >&2
  exit 1
fi

case $1 in
  install)
    # Only when the lock file is another one than at the last install.
    lock=$(cksum <package-lock.json)
    if [ "$(cat node_modules/.installed 2>/dev/null)" != "$lock" ]; then
      npm ci --no-audit --no-fund --loglevel=error
      echo "$lock" >node_modules/.installed
    fi
    ;;
  build) npx --no-install vite build apps/dashboard --outDir "$2" --emptyOutDir --logLevel warn ;;
  test)
    npm run --silent typecheck
    npm test --silent -- --reporter=dot --silent=passed-only
    ;;
  *)
    echo "usage: build.sh install | build OUT | test" >&2
    exit 2
    ;;
esac
