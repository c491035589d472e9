#!/bin/sh
# sh scripts/run.sh COMMAND...: brings the packages and the pinned Node when they are missing or not those of the lock, then runs a
# tool with them. npm skips `pretest` and `prepare` where scripts are ignored, so every script in package.json goes through here.
set -eu
root=$(CDPATH='' cd -P -- "$(dirname -- "$0")/.." && pwd)
cd "$root"

case $(uname -m) in aarch64 | arm64) arch=arm64 ;; *) arch=x64 ;; esac
installed=node_modules/.package-lock.json
# shellcheck disable=SC3013
if ! { [ "$installed" -nt package-lock.json ] && [ -x node_modules/.bin/vitest ] && [ -x node_modules/node-linux-$arch/bin/node ]; } &&
  ! node bin/installed.cjs . --dev; then
  echo "npm ci: the packages are missing or not those of package-lock.json" >&2
  npm ci --include=dev --include=optional --ignore-scripts --loglevel=error >&2 </dev/null
fi

PATH=$root/node_modules/.bin:$PATH
# The machine's own colour wishes would make the tests' outputs differ; FORCE_COLOR next to NO_COLOR makes Node warn.
unset FORCE_COLOR
exec "$@"
