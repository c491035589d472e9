# shellcheck shell=sh
# The launcher's downloads (curl or wget), its state folder and the record that `gb10 uninstall --self` reads.
# shellcheck disable=SC2154,SC2034

# The user's password in an address is nobody else's business.
shown() { printf '%s\n' "$1" | sed 's|//[^/@]*@|//...@|'; }

# busybox's wget crashes on a timeout (-T, in 1.35), so only GNU's is given one. Every use is in a subshell, which it becomes:
# a signal must meet wget itself.
become_wget() {
  case $(wget --version 2>/dev/null) in GNU*) set -- -T 30 "$@" ;; esac
  exec wget "$@"
}

fetch_text() {
  if command -v curl >/dev/null; then
    curl -fsSL --connect-timeout 20 --max-time 120 --retry 2 -- "$1"
  else
    become_wget -q -O - -- "$1"
  fi
}

# Size in bytes as the server gives it, or nothing.
fetch_size() {
  if command -v curl >/dev/null; then
    curl -fsSLI --connect-timeout 20 --max-time 60 -- "$1" 2>/dev/null
  else
    become_wget --spider -S -- "$1" 2>&1
  fi | tr -d '\r' | awk 'tolower($1) == "content-length:" { size = $2 } END { if (size > 0) print size }'
}

# Continues a file that is there already. curl's 33 means that the server cannot: then once more from the start.
fetch_file() {
  if command -v curl >/dev/null; then
    if [ -t 2 ]; then look=--progress-bar; else look=--silent; fi
    run curl -fL "$look" --show-error --connect-timeout 20 --speed-limit 1000 --speed-time 60 -C - -o "$2" -- "$1" && return 0
    [ "$code" -eq 33 ] || return "$code"
    rm -f -- "$2"
    run curl -fL "$look" --show-error --connect-timeout 20 --speed-limit 1000 --speed-time 60 -o "$2" -- "$1"
  else
    run become_wget -q -c -O "$2" -- "$1"
  fi
}

# Only names the folder; nothing is made before something is known to come.
state_folder() {
  base=${XDG_STATE_HOME:-}
  case $base in /*) ;; *) base=${HOME:-}/.local/state ;; esac
  state=$base/gb10
}

# A folder that somebody else can fill must not hold a program that we run.
check_state_folder() {
  [ "$base" != /.local/state ] || stop 'neither HOME nor XDG_STATE_HOME is set, so gb10 has no folder to keep its Node.js in' \
    'Next: HOME=/path/to/your/home gb10 ...'
  if [ -L "$state" ]; then
    stop "$state is a symbolic link, and gb10 runs programs from there" "Next: look at it (ls -l $base), remove the link, run gb10 again"
  fi
  [ -e "$state" ] || return 0
  # shellcheck disable=SC3067 # -O is in dash, bash and busybox
  if [ ! -d "$state" ] || [ ! -O "$state" ]; then
    stop "$state is not a folder of $(id -un), and gb10 runs programs from there" \
      'Next: run gb10 as the owner, or set XDG_STATE_HOME to a folder of your own'
  fi
  case $(ls -ld -- "$state") in
    ?????w* | ????????w*) stop "$state can be written by others, and gb10 runs programs from there" "Next: chmod go-w $state" ;;
  esac
}

# Makes the missing folders one by one, so that the record can name exactly those.
make_state_folder() {
  check_state_folder
  made=''
  folder=$state
  while [ ! -d "$folder" ]; do
    made="$folder
$made"
    folder=${folder%/*}
    [ -n "$folder" ] || folder=/
  done
  mkdir -p -- "$base" || true
  # Another run may make it between the two looks.
  [ -d "$state" ] || mkdir -m 700 -- "$state" || [ -d "$state" ] ||
    stop "cannot make $state" 'gb10 keeps its Node.js and its ledger there.' 'Next: set XDG_STATE_HOME to a folder you can write'
  check_state_folder
  printf '%s' "$made" | while IFS= read -r folder; do record folder "$folder"; done
}

# record KIND PATH [NAME VALUE]...: one JSON object a line in launcher.jsonl, written before the thing is put in place.
record() { record_line "$@" >>"$state/launcher.jsonl"; }

record_line() {
  line="{\"v\":1,\"at\":\"$(date -u +%Y-%m-%dT%H:%M:%SZ)\",\"kind\":\"$1\",\"path\":\"$(json_text "$2")\""
  shift 2
  while [ $# -gt 1 ]; do
    line="$line,\"$1\":\"$(json_text "$2")\""
    shift 2
  done
  printf '%s}\n' "$line"
}

json_text() { printf '%s' "$1" | sed 's/[\\"]/\\&/g'; }
