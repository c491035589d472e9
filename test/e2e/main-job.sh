# The main job as a plain user on a machine that has python3 and nothing else. Run inside a box by main-job.e2e.ts; writes what it saw to /out.
set -eu
cd "$HOME"
gb10=/gb10/gb10
env_python=$HOME/.local/share/gb10/envs/docling/bin/python
up="$gb10 up --profile cpu --source torch=default --source uv=$UV_WHEELS --model /models --yes --plain"

# What a home and the shared temporary folder hold: kind, mode, owner, size and time of files, target of links.
listing() { find "$1" -mindepth 1 \( -type f -printf '%P %y %m %u %s %T@\n' -o -type l -printf '%P %y %l\n' -o -printf '%P %y %m %u\n' \) | sort; }
state() { listing "$HOME" >"/out/$1.home"; listing /tmp >"/out/$1.tmp"; du -s "$HOME" | cut -f1 >"/out/$1.du"; }

# Starts the main job and ends gb10 with SIGKILL while uv is at work on the environment.
killed_in_the_middle() {
  $up >"/out/$1.log" 2>&1 &
  job=$!
  tries=0
  while [ "$(find "$HOME/.local/share/gb10/envs" -path '*/site-packages/*' 2>/dev/null | head -n 3000 | wc -l)" -lt 3000 ]; do
    tries=$((tries + 1))
    [ $tries -lt 3000 ] && kill -0 $job || { echo "the job ended before it could be killed"; cat "/out/$1.log"; exit 1; }
    sleep 0.1
  done
  kill -9 $job
  wait $job || echo $? >"/out/$1.killed"
}

printf 'alias ll="ls -l"' >.bashrc
mkdir -p .config/mine && echo data >.config/mine/file
state before

killed_in_the_middle first
$gb10 status --json >/out/stopped.json
$gb10 resume --json >/out/resume.json
code=0; $gb10 smoke docling --json >/out/no-models.json || code=$?; echo $code >/out/no-models.code
"$env_python" /gb10/test/support/models/make.py /models/made >/out/models.log 2>&1
mv /models/made/* /models/
code=0; $up --json >/out/up.json 2>/out/up.log || code=$?; echo $code >/out/up.code
for run in 1 2 3 4 5 6 7; do "$env_python" -c 'import torch, torchvision; from docling.document_converter import DocumentConverter'; done
for run in 8 9 10; do faketime '+8 days' "$env_python" -c 'import torch, torchvision, docling'; done
du -s "$HOME/.local/share/gb10/envs" | cut -f1 >/out/size
faketime '+8 days' $gb10 uninstall --yes --json >/out/uninstall.json
state after-first

killed_in_the_middle second
$gb10 uninstall --yes --json >/out/uninstall-killed.json
pgrep -f "$HOME/.local/share/gb10" >/out/survivors || true
state after-second
