# shellcheck shell=sh
# Brings the pinned official Node release into the state folder: downloaded beside, checked, renamed. No lock is needed:
# every run works on files with its own process number, and only a whole, checked tree gets the final name.
# shellcheck disable=SC2154,SC2034

# The source `node`: --source node=URL, then GB10_SOURCE_NODE, then config.yaml, then the project's own.
node_source() {
  source=''
  wants=''
  for arg in "$@"; do
    if [ -n "$wants" ]; then arg="--source=$arg"; fi
    wants=''
    case $arg in
      --) break ;;
      --source) wants=yes ;;
      --source=node=*) source=${arg#--source=node=} ;;
    esac
  done
  source=${source:-${GB10_SOURCE_NODE:-}}
  config=${XDG_CONFIG_HOME:-${HOME:-}/.config}/gb10/config.yaml
  if [ -z "$source" ] && [ -r "$config" ]; then
    # Block form ("sources:" and an indented "node:") and one-line form ("sources: {node: URL}").
    source=$(awk '
      /^sources:/ { inside = 1; if (match($0, /[{, ]node: */)) { print substr($0, RSTART + RLENGTH); exit }; next }
      /^[^ \t#]/ { inside = 0 }
      inside && sub(/^[ \t]+node:[ \t]*/, "") { print; exit }' "$config" | sed 's/[ \t]*#.*//; s/[},].*//; s/["'\'' \t]//g')
  fi
  source=${source:-https://nodejs.org/dist}
  source=${source%/}
}

# A partial file of a run that is gone is taken over by renaming it: only one run can win that.
adopt_partial() {
  part=$state/node/$archive.part.$$
  for old in "$state/node/$archive".part.*; do
    if [ ! -e "$old" ] || kill -0 "${old##*.part.}" 2>/dev/null; then continue; fi
    if [ -e "$part" ]; then rm -f -- "$old"; else mv -- "$old" "$part" 2>/dev/null || true; fi
  done
  for old in "$state/node"/unpack.*; do
    [ -d "$old" ] && ! kill -0 "${old##*.}" 2>/dev/null && rm -rf -- "$old"
  done
  return 0
}

matches() { [ -e "$part" ] && actual=$(sha256sum <"$part") && actual=${actual%% *} && [ "$actual" = "$expected" ]; }

download_node() {
  for try in 1 2 3; do
    matches && return 0
    # As long as the release and yet not it: nothing that could be continued.
    [ ! -e "$part" ] || [ "$(wc -c <"$part")" -lt "${size:-999999999}" ] || rm -f -- "$part"
    [ "$try" -eq 1 ] || sleep 1
    got=0
    fetch_file "$source/v$pin/$archive" "$part" || got=$?
    matches && return 0
    # A whole file with the wrong content is of no use to anybody; a piece is.
    [ "$got" -ne 0 ] || rm -f -- "$part"
  done
  [ "$got" -eq 0 ] || stop "the download of Node.js $pin stopped before its end" "from $(shown "$source"), kept so far: $part" \
    'Next: run the same command again; it goes on where it stopped'
  stop "Node.js $pin from $(shown "$source") is not what its SHASUMS256.txt says, so it was deleted" "expected sha256 $expected" \
    "got      sha256 ${actual:-nothing}" 'Next: try again, or another source: gb10 --source node=URL ...'
}

bring_node() {
  node_source "$@"
  archive=node-v$pin-linux-$arch.tar.gz
  command -v curl >/dev/null || command -v wget >/dev/null || stop "no Node.js >= $need found${found:+ ($found is too old)}, and neither curl nor wget to bring one" \
    'Next: apt-get install curl ca-certificates, or install Node.js, then run gb10 again'
  check_state_folder
  say "no usable Node.js >= $need with npm here${found:+ (found: $found)}"
  sums=$(fetch_text "$source/v$pin/SHASUMS256.txt") || stop "cannot read $(shown "$source")/v$pin/SHASUMS256.txt; nothing was changed" \
    'Without it gb10 has no Node.js to run with.' \
    'Next: check the network or proxy (https_proxy), name a mirror (gb10 --source node=URL ...), or install Node.js and npm'
  expected=$(printf '%s\n' "$sums" | awk -v name="$archive" '$2 == name || $2 == "*" name { print $1; exit }')
  [ ${#expected} -eq 64 ] || stop "$(shown "$source")/v$pin/SHASUMS256.txt does not list $archive; nothing was changed" \
    'A download that cannot be checked is not used.' 'Next: name another source: gb10 --source node=URL ...'
  size=$(fetch_size "$source/v$pin/$archive" || true)
  say "bringing Node.js $pin from $(shown "$source") ($((${size:-60000000} / 1000000)) MB to download, about 150 MB on disk)"
  say "  into $brought"
  say "  to remove it: gb10 uninstall --self, or rm -r $state/node"
  make_state_folder
  [ -d "$state/node" ] || { mkdir -- "$state/node" 2>/dev/null && record folder "$state/node"; } || [ -d "$state/node" ]
  adopt_partial
  record partial "$part"
  download_node
  trash=$state/node/unpack.$$
  mkdir -- "$trash" "$trash/v$pin"
  top=${archive%.tar.gz}
  # Headers, manuals and the rest are not needed: half the size. -o: root gets files of its own, not of the archive's user.
  run tar -xzof "$part" -C "$trash/v$pin" --strip-components=1 "$top/bin/node" "$top/lib/node_modules/npm" ||
    stop "cannot unpack $part" "Next: see that $state has 200 MB free (df -h $state), then run gb10 again"
  good_node "$trash/v$pin/bin/node" || stop "the official Node.js $pin does not run on this machine" \
    'It needs glibc 2.28 or newer; Alpine and other musl systems are not supported.' 'Next: install Node.js from your distribution'
  record node "$brought" version "$pin" source "$(shown "$source")" sha256 "$expected"
  # Into the parent, under the final name: this fails instead of mixing when another run was quicker.
  mv -- "$trash/v$pin" "$state/node/" 2>/dev/null || good_node "$brought/bin/node" || stop "cannot put Node.js into $brought" \
    "Next: rm -r $brought, then run gb10 again"
  clean
  rm -f -- "$part"
}
