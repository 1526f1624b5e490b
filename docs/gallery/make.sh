#!/usr/bin/env bash
# Draws the gallery: the twenty best molecules for each of ten briefs, as docs/gallery/NAME.svg. Run it from anywhere; it
# takes seconds once odordiff is built.
set -euo pipefail
here=$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")
while IFS='|' read -r name brief; do
  "$here/../../odordiff" generate "$brief" -n 20 --effort 4 --seed 1 --format svg --output "$here/$name.svg"
done <<'BRIEFS'
rose|rose petals with a green, dewy edge
grass|fresh-cut grass after rain, a little ozone
amber|warm amber and old books
peach|ripe peach and apricot
leather|smoky leather, tobacco
coffee|roasted coffee, dark chocolate
sandalwood|creamy sandalwood, milky wood
musk|clean white musk, powdery
grapefruit|grapefruit peel, sulfurous, tropical fruit
mint|cool mint and eucalyptus
BRIEFS
