# shellcheck shell=sh
# Read by inside.sh: hands the machine's network settings on to a box, so that its tools reach the same mirrors and registries:
# name servers, certificates, apt, pip and npm configuration, proxies, and the local folders that pip is told to look into.
# shellcheck disable=SC2154,SC2034

# Names of variables that describe the network. Nothing else of the machine's environment comes in.
kept_environment() {
  env | sed -n 's/^\([A-Za-z_][A-Za-z0-9_]*\)=.*/\1/p' |
    grep -E '^(TERM|CI|DEBIAN_FRONTEND|https?_proxy|no_proxy|all_proxy|HTTPS?_PROXY|NO_PROXY|ALL_PROXY|SSL_CERT_(FILE|DIR)|[A-Z_]*CA_BUNDLE|GIT_SSL_CAINFO|NODE_EXTRA_CA_CERTS|PIP_[A-Z_]*|UV_[A-Z_]*|(npm_config|NPM_CONFIG)_(registry|cafile|proxy|https_proxy|noproxy)|GB10_[A-Z_]*)$' |
    grep -v '^GB10_BOX_'
}

bind_read_only() {
  [ -d "$1" ] && [ "${1#/etc}" = "$1" ] || return 0
  mkdir -p "$root$1"
  mount --bind "$1" "$root$1"
  mount -o remount,ro,bind "$root$1"
}

# An index kept as files (…/simple) links to its neighbours, so the folder above comes in.
pip_folders() {
  cat /etc/pip.conf "$real_home/.config/pip/pip.conf" "$real_home/.pip/pip.conf" 2>/dev/null
  env | grep '^PIP_'
}

pass_settings() {
  real_home=$(awk -F: '$3 == 0 { print $6; exit }' /etc/passwd)
  cp /etc/resolv.conf "$root/etc/resolv.conf"
  cp /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/ca-certificates.crt"
  [ ! -e /etc/pip.conf ] || cp /etc/pip.conf "$root/etc/pip.conf"
  # The user of the box gets the pip configuration of the user of the machine, as a file of his own.
  for own in "$real_home/.config/pip/pip.conf" "$real_home/.pip/pip.conf"; do
    [ -e "$own" ] || continue
    mkdir -p "$root$home/.config/pip"
    cp "$own" "$root$home/.config/pip/pip.conf"
    chroot "$root" chown -R "$user:" "$home/.config"
    break
  done
  pip_folders | grep -oE '/[A-Za-z0-9._/-]+' | sed 's|^//*|/|; s|/simple/*$||' | sort -u | while read -r folder; do bind_read_only "$folder"; done
  # npm: one file for all, without the settings that are about this machine's folders.
  cat /etc/npmrc /usr/etc/npmrc "$real_home/.npmrc" 2>/dev/null | grep -vE '^(cache|prefix|nodedir) *=' | sort -u >"$root/etc/npmrc" || true
  export NPM_CONFIG_GLOBALCONFIG=/etc/npmrc
}
