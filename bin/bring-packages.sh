# shellcheck shell=sh
# Brings the packages of package-lock.json with npm: into a folder beside, which gets the name node_modules when it is whole.
# shellcheck disable=SC2154,SC2034

# npm older than 10 does not read our lock file well. The pinned Node's package has no npm of its own.
find_npm() {
  npm=$(command -v npm) && npm_version=$(npm --version 2>/dev/null) && at_least "$npm_version" 10 && return 0
  npm=$brought/lib/node_modules/npm/bin/npm-cli.js
  [ -n "$node" ] && [ -e "$npm" ]
}

check_project_folder() {
  for old in "$root"/.gb10-install.*; do
    [ -d "$old" ] && ! kill -0 "${old##*.}" 2>/dev/null && rm -rf -- "$old"
  done
  # A contributor's tree has the tools for development, perhaps in use at this moment: it is not ours to replace.
  if [ -e "$root/node_modules/vitest" ]; then
    stop "node_modules is not what package-lock.json asks for" 'gb10 does not replace a tree with development tools.' "Next: cd $root && npm ci"
  fi
  if ! mkdir -- "$root/.gb10-install.$$" 2>/dev/null; then
    stop "the packages gb10 needs are missing, and $root cannot be written by $(id -un)" \
      "Next: run ./gb10 once as the owner of that folder, or copy it: cp -r $root ~/gb10 && ~/gb10/gb10"
  fi
  rmdir -- "$root/.gb10-install.$$"
}

# npm through its own node, or npm-cli.js through ours. Runs as a child, so it may move and exec.
npm_ci() {
  cd -- "$stage" || exit
  case $npm in
    *.js) PATH=${node%/*}:$PATH exec "$node" "$npm" ci "$@" ;;
    *) exec "$npm" ci "$@" ;;
  esac
}

bring_packages() {
  check_state_folder
  stage=$root/.gb10-install.$$
  trash=$stage
  # A Node from elsewhere is good enough: no second one then. One in node_modules would go away with the old folder.
  case $node in
    '' | "$root"/*) extra=--include=optional what="Node.js $pin and the packages" size='70 MB to download, 230 MB on disk' ;;
    *) extra=--omit=optional what='the packages' size='10 MB to download, 40 MB on disk' ;;
  esac
  [ -n "$node" ] || say "no Node.js >= $need here${found:+ (found: $found)}"
  say "bringing $what of package-lock.json with npm (about $size)"
  say "  into $root/node_modules"
  say "  to remove them: gb10 uninstall --self, or rm -r $root/node_modules"
  mkdir -- "$stage"
  printf '*\n' >"$stage/.gitignore"
  cp -- "$root/package.json" "$root/package-lock.json" "$root/.npmrc" "$stage/"
  # A user without an npm cache gets none: it goes away with the staging folder.
  if [ -d "${HOME:-}/.npm" ] || [ -n "${npm_config_cache:-}" ]; then cache=; else cache=--cache=$stage/cache; fi
  # npm's own pauses between attempts make it silent for more than a minute where there is no network: 1, 3 and 9 seconds instead.
  retries='--fetch-retries=3 --fetch-retry-mintimeout=1000 --fetch-retry-maxtimeout=10000 --fetch-retry-factor=3'
  # shellcheck disable=SC2086 # cache is one word or none
  run npm_ci --omit=dev "$extra" --ignore-scripts --loglevel=error --logs-max=0 $retries $cache >&2 || stop \
    "npm could not bring the packages; nothing was changed" 'Without them gb10 cannot run; what npm said stands above.' \
    "Next: check the network, proxy or registry (npm config get registry), then: cd $root && npm ci --omit=dev"
  give_to_owner "$stage/node_modules"
  # Their record lies in them: whoever only brings packages makes nothing in the user's home.
  record_line packages "$root/node_modules" sha256 "$(sha256sum <"$stage/node_modules/.package-lock.json" | cut -d' ' -f1)" \
    >"$stage/node_modules/.gb10-brought"
  # Unless another run brought everything meanwhile.
  pinned=$root/node_modules/node-linux-$arch/bin/node
  if [ -e "$root/node_modules" ] && ! { current && { [ -n "$node" ] || [ -x "$pinned" ]; }; }; then mv -- "$root/node_modules" "$stage/old"; fi
  # Fails when another run was quicker; what that one brought is as good.
  mv -- "$stage/node_modules" "$root/" 2>/dev/null || [ -e "$root/node_modules/.package-lock.json" ] ||
    stop "cannot put the packages into $root/node_modules" "Next: rm -r $root/node_modules, then run gb10 again"
  clean
}

# sudo ./gb10 must not leave a folder that the owner of the clone cannot remove.
give_to_owner() {
  [ "$(id -u)" -eq 0 ] || return 0
  # shellcheck disable=SC2012 # find and stat have no portable way
  chown -R "$(ls -ldn -- "$root" | awk '{ print $3 ":" $4 }')" "$1" 2>/dev/null || true
}
