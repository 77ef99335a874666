#!/usr/bin/env bash
# Runs Tandem's command line with the Java beside it, on the torch that bin/use-torch was told.
#
#   TANDEM_JAVA_OPTS   further JVM options, such as -Xmx8g; they win over the defaults below
#   TMPDIR             where libraries are unpacked, a few MB; /tmp without it
#
# Exit codes: those of the command line; 69 when something is missing on this machine.
set -euo pipefail

readonly MISSING_PREREQUISITE=69

fail() {
  printf 'tandem: %s\n' "$*" >&2
  exit "$MISSING_PREREQUISITE"
}

home=$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/.." && pwd -P)
if [[ -r $home/torch/settings ]]; then
  { read -r torch && read -r version && read -r flavor; } <"$home/torch/settings"
  [[ -e $torch/lib/libtorch.so ]] || fail "torch is no longer in $torch; run $home/bin/use-torch again."
  grep -q "^__version__ = '$version\b" "$torch/version.py" ||
    fail "torch in $torch is not $version any more; run $home/bin/use-torch again."
  # The flavour keeps DJL and its tokenizers from looking for another one.
  export PYTORCH_LIBRARY_PATH=$home/torch/lib PYTORCH_VERSION=$version PYTORCH_FLAVOR=$flavor
else
  helps=false
  for argument in "$@"; do
    [[ $argument != --help && $argument != -h && $argument != version ]] || helps=true
  done
  $helps || fail "no torch is chosen yet; run $home/bin/use-torch TORCH, where python3 -c 'import torch; print(torch.__path__[0])' prints TORCH."
fi
export DJL_CACHE_DIR=${DJL_CACHE_DIR:-$home/cache} OPT_OUT_TRACKING=true

options=(
  -Dtandem.program="$0"
  --enable-native-access=ALL-UNNAMED
  --add-modules=jdk.incubator.vector
  --sun-misc-unsafe-memory-access=allow
  -Xmx1g
  -Dai.djl.offline=true
  # DJL counts GPUs through a libcudart that JNA finds by this name.
  -Djna.library.path="$home/torch/cudart"
  -Dorg.slf4j.simpleLogger.defaultLogLevel=warn
  -Dorg.slf4j.simpleLogger.log.ai.djl.util.cuda=error
  -Dorg.slf4j.simpleLogger.log.org.sqlite=off
  -Dstdout.encoding=UTF-8
  -Dstderr.encoding=UTF-8
)
if [[ -n ${TMPDIR:-} ]]; then
  options+=("-Djava.io.tmpdir=$TMPDIR")
fi
if [[ ${TANDEM_JAVA_OPTS:-} != *-XX:+Use*GC* ]]; then
  options+=(-XX:+UseSerialGC)
fi
if [[ -t 2 ]]; then
  columns=$(stty size <&2 2>/dev/null) || columns=
  columns=${columns##* }
  [[ $columns =~ ^[1-9][0-9]*$ ]] || columns=80
  options+=("-Dtandem.terminal=$columns")
fi
# shellcheck disable=SC2206 # options are separated by blanks
options+=(${TANDEM_JAVA_OPTS:-})

# The JVM announces incubator modules and cannot be told not to; the command line puts descriptor 3 back in place.
without_incubator_warning() {
  local line
  while IFS= read -r line || [[ -n $line ]]; do
    [[ $line == 'WARNING: Using incubator modules: jdk.incubator.vector' ]] || printf '%s\n' "$line" >&3
  done
}
exec 3>&2 2> >(without_incubator_warning <&0 &)
wait "${!:-}" 2>/dev/null || true
options+=(-Dtandem.stderr=3)

exec "$home/runtime/bin/java" "${options[@]}" -cp "$home/lib/*" dev.tandem.trainer.cli.Tandem "$@"
