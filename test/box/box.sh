#!/bin/sh
# A throw-away Debian machine for tests that change the system. Needs root, and debootstrap once.
#   box.sh image [--packages "a b"]                       makes what `run` starts from; cached; prints nothing
#   box.sh run [--packages "a b"] [--user NAME] [--bind FROM:TO]... [--bind-rw FROM:TO]... [--offline] [--cwd DIR] -- COMMAND...
# Every run has its own processes, mounts and host name over a fresh writable layer, and all of it ends with the command.
# The base is Debian minbase + curl and certificates: no Node, npm or Python. Packages are installed as a cached layer on top of it.
# A plain user `spark` exists. The network is the machine's. GB10_BOX_DIR: where images are kept (default .box in the project).
# shellcheck disable=SC2086,SC2016,SC2030,SC2031 # lists of packages are words
set -eu
here=$(CDPATH='' cd -P -- "$(dirname -- "$0")" && pwd)
cache=${GB10_BOX_DIR:-$(dirname -- "$(dirname -- "$here")")/.box}

fail() {
  echo "box: $*" >&2
  exit 125
}

packages='' user=root binds='' offline='' cwd=/
verb=${1:-}
[ $# -eq 0 ] || shift
while [ $# -gt 0 ]; do
  case $1 in
    --packages) packages=$(printf '%s\n' $2 | sort -u | tr '\n' ' ') && shift 2 ;;
    --user) user=$2 && shift 2 ;;
    --bind) binds="$binds ro:$2" && shift 2 ;;
    --bind-rw) binds="$binds rw:$2" && shift 2 ;;
    --cwd) cwd=$2 && shift 2 ;;
    --offline) offline=--net && shift ;;
    --) shift && break ;;
    *) fail "unknown option $1" ;;
  esac
done

[ "$(id -u)" -eq 0 ] || fail 'needs root'

# Two test files may ask for the same image at once.
mkdir -p "$cache"
make_image() {
  exec 9>"$cache/lock"
  flock 9
  recipe=$(sha256sum <"$here/base.sh" | cut -c1-12)
  base=$cache/base-$recipe
  # Images of an older recipe are of no use.
  [ -d "$base" ] || rm -rf "$cache"/base-* "$cache"/layer-*
  [ -d "$base" ] || sh "$here/base.sh" "$base" >"$cache/base.log" 2>&1 || fail "cannot make the base image: $(tail -n 5 "$cache/base.log")"
  layers=$base
  if [ -n "$packages" ]; then
    layer=$cache/layer-$(printf '%s %s' "$recipe" "$packages" | sha256sum | cut -c1-12)
    if [ ! -d "$layer" ]; then
      rm -rf "$layer.new" && mkdir -p "$layer.new/upper" "$layer.new/work"
      (
        layers=$base upper=$layer.new binds='' offline='' user=root cwd=/
        enter sh -c 'apt-get -o Acquire::Retries=3 install -y --no-install-recommends "$@" && apt-get clean' sh $packages
      ) >"$cache/layer.log" 2>&1 </dev/null ||
        fail "cannot install $packages: $(tail -n 5 "$cache/layer.log")"
      mv "$layer.new/upper" "$layer" && rm -rf "$layer.new"
    fi
    layers=$layer:$base
  fi
  exec 9>&-
}

# Called in a subshell, which it becomes. In new namespaces, inside.sh puts the layers together and runs the command.
enter() {
  # pdeathsig: also when this shell itself is killed.
  GB10_BOX_HERE=$here GB10_BOX_LAYERS=$layers GB10_BOX_UPPER=$upper GB10_BOX_BINDS=$binds GB10_BOX_USER=$user GB10_BOX_CWD=$cwd \
    exec setpriv --pdeathsig KILL unshare --mount --pid --ipc --uts $offline --fork --kill-child=KILL --propagation private sh "$here/inside.sh" "$@"
}

case $verb in
  image) make_image ;;
  run)
    [ $# -gt 0 ] || fail 'no command'
    make_image
    for old in "$cache"/run-*; do
      if [ -d "$old" ] && ! kill -0 "${old##*-}" 2>/dev/null; then rm -rf "$old"; fi
    done
    upper=$cache/run-$$
    mkdir "$upper"
    # The mounts vanish with the last process of the box, a moment after it is killed.
    trap 'rm -rf "$upper" 2>/dev/null || { sleep 0.2; rm -rf "$upper"; }' EXIT
    mkdir "$upper/upper" "$upper/work"
    code=0
    # In the background, so that a signal ends the box at once; descriptor 3 keeps its input.
    exec 3<&0
    enter "$@" <&3 &
    machine=$!
    trap 'kill -KILL "$machine" 2>/dev/null; exit 130' INT
    trap 'kill -KILL "$machine" 2>/dev/null; exit 143' TERM HUP
    wait "$machine" || code=$?
    exit "$code"
    ;;
  *) fail 'usage: box.sh image|run …' ;;
esac
