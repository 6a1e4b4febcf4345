#!/bin/sh
# misclassified.sh QUICKSTART IMAGE: under a name that claims another digit, quickstart must exit with 1.
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cp "$2" "$folder/8_is_not_what_it_shows.png"
"$1" "$folder/8_is_not_what_it_shows.png"
test $? -eq 1
