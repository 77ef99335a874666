#!/usr/bin/env bash
# Tells bin/tandem which torch to run on, once; again after torch was updated.
#
#   bin/use-torch TORCH [LIBRARY]
#
#   TORCH     the folder of the Python package torch
#   LIBRARY   DJL's JNI library libdjl_torch.so, compiled for that torch; needed where folder jni has none for it
#
# Writes folder torch beside bin: links to libtorch's own libraries (DJL loads all it finds in one folder, and torch/lib has
# some that need Python), the JNI library, and a link to libcudart, by which DJL counts GPUs.
set -euo pipefail

readonly MISSING_PREREQUISITE=69

fail() {
  printf 'use-torch: %s\n' "$*" >&2
  exit "$MISSING_PREREQUISITE"
}

if [[ $# -lt 1 || $# -gt 2 || $1 == -* ]]; then
  echo 'Usage: bin/use-torch TORCH [LIBRARY]' >&2
  exit 2
fi
home=$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/.." && pwd -P)
[[ -r $1/version.py && -e $1/lib/libtorch.so ]] ||
  fail "$1 is not the folder of the Python package torch, which has version.py and lib/libtorch.so; python3 -c 'import torch; print(torch.__path__[0])' prints it."
torch=$(cd "$1" && pwd -P)
version=$(sed -n "s/^__version__ = '\([0-9]*\.[0-9]*\.[0-9]*\).*/\1/p" "$torch/version.py")
[[ -n $version ]] || fail "$torch/version.py names no version; install torch anew."
# "cuda: Optional[str] = '13.0'" becomes cu130.
flavor=$(sed -n "s/^cuda\b.*'\([0-9]*\)\.\([0-9]*\)'.*/cu\1\2/p" "$torch/version.py")
flavor=${flavor:-cpu}

library=${2:-$home/jni/$version-$flavor/libdjl_torch.so}
if [[ ! -r $library ]]; then
  [[ $# -eq 1 ]] || fail "$library cannot be read; name the libdjl_torch.so that was compiled for torch $version."
  fail "torch $version ($flavor) needs a libdjl_torch.so that was compiled for it, as second argument; this archive has those for $(cd "$home/jni" 2>/dev/null && echo * || echo none)."
fi

# Made beside and moved, so that there is never half of one.
new=$home/torch.new
rm -rf "$new"
mkdir -p "$new/lib" "$new/cudart"
for name in c10 c10_cuda torch_cpu torch_cuda torch; do
  [[ ! -e $torch/lib/lib$name.so ]] || ln -s "$torch/lib/lib$name.so" "$new/lib/"
done
cp "$library" "$new/lib/libdjl_torch.so"
# A library for another torch lacks symbols: better said here than by a JVM that cannot start.
if command -v ldd >/dev/null; then
  unresolved=$(LD_LIBRARY_PATH=$torch/lib ldd -r "$new/lib/libdjl_torch.so" 2>&1 |
    sed -n 's/^undefined symbol: \([^ \t]*\).*/\1/p; s/.*\(not a dynamic executable\|invalid ELF header\).*/\1/p' | head -n 1) || true
  [[ -z $unresolved ]] || {
    rm -rf "$new"
    fail "$library was not compiled for torch $version ($unresolved); name one that was."
  }
fi
if [[ $flavor != cpu ]]; then
  for candidate in "$torch"/../nvidia/cu[0-9]*/lib/libcudart.so.1[0-9] "$torch"/../nvidia/cuda_runtime/lib/libcudart.so.1[0-9] \
    /usr/local/cuda/lib64/libcudart.so.1[0-9]; do
    if [[ -e $candidate ]]; then
      ln -s "$(readlink -f "$candidate")" "$new/cudart/libcudart.so"
      break
    fi
  done
  [[ -e $new/cudart/libcudart.so ]] ||
    printf 'use-torch: no libcudart.so beside torch or in /usr/local/cuda; until %s links to one, no GPU is seen.\n' "$home/torch/cudart/libcudart.so" >&2
fi
printf '%s\n' "$torch" "$version" "$flavor" >"$new/settings"
rm -rf "$home/torch"
mv "$new" "$home/torch"
printf 'use-torch: torch %s (%s) in %s\n' "$version" "$flavor" "$torch"
