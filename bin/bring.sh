# shellcheck shell=sh
# Read by the launcher when the pinned Node or the packages are not there: decides what to bring. Sets $node or exits with 69.
# Expects: root, arch, current. The parts: bring-fetch.sh (downloads), bring-node.sh (the release), bring-packages.sh (npm).
# shellcheck disable=SC2154,SC2034

say() { printf 'gb10: %s\n' "$*" >&2; }

# stop WHAT WHY NEXT...
stop() {
  say "$1"
  shift
  for line in "$@"; do printf '      %s\n' "$line" >&2; done
  exit 69
}

# What must not outlive this run. A partial download is not among it: the next run resumes it.
trash=''
child=''
clean() {
  [ -z "$trash" ] || rm -rf -- "$trash"
  trash=''
}
# The child is stopped before its folder is removed; then this shell ends by the same signal, as its caller expects.
interrupted() {
  if [ -n "$child" ]; then
    kill "$child" 2>/dev/null || true
    wait "$child" 2>/dev/null || true
  fi
  trap - EXIT "$1"
  clean
  kill -s "$1" $$
}

# Runs a long command so that a signal sent to the launcher alone ends it too.
run() {
  "$@" &
  child=$!
  code=0
  wait "$child" || code=$?
  child=''
  return "$code"
}

# at_least 24.21.0 24.12
at_least() {
  awk -v have="$1" -v need="$2" 'BEGIN {
    split(have, h, "."); split(need, n, ".")
    for (i = 1; i <= 3; i++) if (h[i] + 0 != n[i] + 0) exit !(h[i] + 0 > n[i] + 0)
  }'
}

good_node() {
  [ -x "$1" ] && version=$("$1" --version 2>/dev/null) && at_least "${version#v}" "$need"
}

packages_installed() {
  # A tree with the bundle and no lock file is an installed package: it needs nothing else.
  [ -e "$root/package-lock.json" ] || [ ! -e "$root/dist/main.js" ] || return 0
  [ -n "$node" ] || return 1
  if current; then return 0; fi
  "$node" "$root/bin/installed.cjs" "$root" || return 1
  # shellcheck disable=SC3067
  if [ -O "$root/node_modules" ] && [ -w "$root/node_modules" ]; then date >"$root/node_modules/.gb10-compared"; fi
}

find_node() {
  found=''
  for node in "$root/node_modules/node-linux-$arch/bin/node" "$(command -v node || true)" "$brought/bin/node"; do
    if [ "$node" = "$brought/bin/node" ] && [ -e "$node" ]; then check_state_folder; fi
    good_node "$node" && return 0
    [ -z "${version:-}" ] || found="$version at $node"
    version=''
  done
  node=''
}

bring() {
  . "$root/bin/bring-fetch.sh"
  . "$root/bin/bring-node.sh"
  . "$root/bin/bring-packages.sh"
  # "engines": {"node": ">=24.12"}, on one line or several.
  need=$(sed -n 's/.*"node": *">=\([0-9.]*\)".*/\1/p' "$root/package.json")
  pin=$(sed -n "s/.*\"node-linux-$arch\": *\"\([0-9.]*\)\".*/\1/p" "$root/package.json")
  if [ -z "$need" ] || [ -z "$pin$([ "$arch" != none ] || echo none)" ]; then
    stop "$root/package.json does not say which Node.js gb10 needs" "Next: git -C $root checkout package.json"
  fi
  state_folder
  brought=$state/node/v$pin
  find_node
  if [ -n "$node" ] && packages_installed; then return 0; fi
  [ "$arch" != none ] || [ -n "$node" ] || stop "no Node.js >= $need found, and none can be brought for a $(uname -m) machine" \
    'GB10 machines are aarch64; the commands that only read also run on x86_64.' "Next: install Node.js $need or newer, then run gb10 again"
  trap clean EXIT
  for signal in HUP INT TERM; do
    # shellcheck disable=SC2064 # the name is wanted now
    trap "interrupted $signal" "$signal"
  done
  check_project_folder
  if find_npm; then
    bring_packages
    [ -n "$node" ] || find_node
  fi
  if [ -z "$node" ] || ! packages_installed; then
    bring_node "$@"
    node=$brought/bin/node
    if ! packages_installed; then
      npm=$brought/lib/node_modules/npm/bin/npm-cli.js
      bring_packages
    fi
  fi
  trap - EXIT HUP INT TERM
}
