#!/bin/sh
# Makes the archive of what this version stores, for later versions to open. How and when: README.md beside this file.
# Usage, from the repository's folder: tests/storage_of_before/make.sh ARCHIVE.tar.xz
set -eu
archive=$(realpath "$1")
version=$(git rev-parse --short HEAD)
made=$(mktemp -d)
trap 'rm -rf "$made"' EXIT

export RACE_EQUALITY_KEY=a+key+of+the+tests+that+is+used+nowhere+else
export SOURCE_DATE_EPOCH=1790000000
folders="--catalogue $made/catalogue --storage $made/storage"
equality() { .venv/bin/python -m pipelines "$@"; }
run() { equality run --quarter "$1" --history "$2" $folders --landing "$made/landing"; }
publish() { equality publish --quarter "$@" --approved-by "A. Tester" $folders; }

# The thirteenth quarter's extracts are kept and not run: that is for the version that opens the archive.
cp -r catalogue_examples/membership_body "$made/catalogue"
sed -i 's/^first_quarter: .*/first_quarter: 2023-01-01/' "$made/catalogue/organisation.yaml"
equality sample --out "$made/landing" --profile membership_body --quarters 13 --last-quarter 2026-01-01

# Figures are shown once a year, with January to March.
run 2024-01-01 4
publish 2024-01-01
run 2025-01-01 3
publish 2025-01-01
# Restated: five requests for training are taken back. By this policy a correction hides every figure of its quarter.
sed -i '4,8d' "$made/landing/learning_budget_2025-01-01_invented.csv"
cat >"$made/catalogue/revisions.yaml" <<END
2025-03-31:
  2:
    reason: Requests for training that had been taken back were counted.
END
run 2025-01-01 0
publish 2025-01-01 --even-if-empty
run 2025-10-01 2

# Dagster's own history names folders of the machine; it holds nothing that a report rests on.
rm -r "$made/storage/dagster"
echo "$version" >"$made/made_by"
tar -C "$made" --sort=name --owner=0 --group=0 --numeric-owner --mtime=@$SOURCE_DATE_EPOCH \
  -cJf "$archive" catalogue landing made_by storage
ls -l "$archive"
