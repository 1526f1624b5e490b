#!/usr/bin/env bash
# Draws the gallery: the twenty best molecules for each of ten briefs, one SVG a brief. Seeded; the same model gives the same
# files.
#
#   docs/gallery/make.sh
set -euo pipefail
cd "$(dirname "$(readlink -f -- "${BASH_SOURCE[0]}")")"

draw() {
  ../../odordiff generate "$2" -n 20 --seed 1 --format svg -o "$1.svg"
}

draw cut-grass "fresh-cut grass after rain, a little ozone"
draw amber "warm amber and old books"
draw rose "dewy rose petals, not sweet"
draw sandalwood "creamy sandalwood, powdery"
draw citrus "bright lemon and bergamot, sparkling"
draw vanilla "vanilla custard, caramel"
draw coffee "roasted coffee, hazelnut"
draw leather "smoky leather, birch tar"
draw tropical "ripe mango and passion fruit, sulfurous"
draw musk "clean white musk, skin"
