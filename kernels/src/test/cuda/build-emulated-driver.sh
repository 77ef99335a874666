#!/usr/bin/env bash
# Builds the emulated driver: build-emulated-driver.sh FILE.so. Needs g++ on Linux x86-64. Java loads it in the place of
# NVIDIA's with -Dtandem.cuda.library=FILE.so.
set -euo pipefail

readonly here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
# Rows are read as packs of 16 bytes, whatever their type.
exec g++ -std=c++17 -O2 -fno-strict-aliasing -ffp-contract=off -fPIC -shared "$here/emulated_driver.cpp" -o "$1"
