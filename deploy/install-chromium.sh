#!/bin/sh
# The end-to-end tests drive a real Chromium. Does nothing where there is one; installs Debian's package as root.
set -eu

for browser in chromium chromium-browser google-chrome google-chrome-stable; do
    if command -v "$browser" >/dev/null 2>&1; then
        exit 0
    fi
done

if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    echo "Installing Chromium for the end-to-end tests ..."
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium >/dev/null
    command -v chromium >/dev/null 2>&1 && exit 0
fi

echo "The end-to-end tests need Chromium, and there is none on this machine." >&2
echo "Install it (Debian: sudo apt install chromium) and run the same command again." >&2
exit 1
