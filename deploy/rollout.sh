#!/bin/sh
# Puts a new version into service while calls go on: `make rollout`, in the folder of compose.yaml, after `git pull`.
#
# The server that stands by goes first. Until it says that it could take over (its database migrated, its speech engine
# up, its disk writable) nothing happens to the calls; does it not say so, it is stopped and the old version keeps them.
# Then the calls go over. Does the new version not get ready with them, the old one has them back.
set -eu

COMPOSE=${COMPOSE:-docker compose}
PATIENCE_S=${PATIENCE_S:-180}   # for a server to load all it needs
CHANGE_S=${CHANGE_S:-30}         # for the calls to go over; it takes two

ready() { $COMPOSE exec -T "$1" kiwimesh health --json 2>/dev/null | grep -q '"ready": true'; }

until_ready() {
    tries=$2
    until ready "$1"; do
        tries=$((tries - 1))
        [ "$tries" -gt 0 ] || return 1
        sleep 1
    done
}

give_up() { echo "Rollout given up: $1" >&2; exit 1; }

if ready server; then
    old=server new=standby
elif ready standby; then
    old=standby new=server
else
    give_up "no server is ready, so there is nothing to fall back on. Look at 'docker compose ps' and the logs."
fi

$COMPOSE build "$new"
echo "The calls are at '$old'. '$new' gets the new version and stands by."
if ! $COMPOSE up -d --no-deps --wait --wait-timeout "$PATIENCE_S" "$new"; then
    $COMPOSE stop "$new"
    give_up "'$new' could not take over, its log says why; it is stopped. '$old' has all calls, with the old version."
fi

echo "The calls go over."
$COMPOSE stop "$old"
if ! until_ready "$new" "$CHANGE_S"; then
    $COMPOSE start "$old"
    $COMPOSE stop "$new"
    until_ready "$old" "$PATIENCE_S" || give_up "neither version gets ready: look at the log of '$old' now."
    give_up "'$new' did not get ready with the calls; it is stopped. '$old' has them back, with the old version."
fi

$COMPOSE up -d --no-deps --wait --wait-timeout "$PATIENCE_S" "$old" worker
echo "The new version has the calls, at '$new'; '$old' stands by."
