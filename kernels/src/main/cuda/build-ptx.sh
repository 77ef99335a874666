#!/usr/bin/env bash
# Makes the PTX that is kept beside the classes: build-ptx.sh [FOLDER]. Needs nvcc; assembles the result as proof.
#
# nvcc stamps PTX with its own ISA version (9.0 from CUDA 13.0), which only drivers as new as that take. The kernels use
# nothing newer than their architecture itself, so the stamp is set to the ISA that brought it: 7.0 (CUDA 11.0) for
# sm_80, 7.8 (CUDA 11.8) for sm_90. ptxas refuses an instruction that its .version does not know.
set -euo pipefail

readonly here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
readonly folder=${1:-$here/../resources/dev/tandem/kernels/cuda}
mkdir -p "$folder"
for target in 80:7.0 90:7.8; do
  architecture=${target%%:*} isa=${target##*:}
  file=$folder/kernels_sm_$architecture.ptx
  (cd "$here" && nvcc -std=c++17 -O3 -ptx -arch="compute_$architecture" kernels.cu -o "$file.part")
  sed -i -e "s/^\.version .*/.version $isa/" "$file.part"
  ptxas -arch="sm_$architecture" "$file.part" -o /dev/null
  mv "$file.part" "$file"
done
