#!/usr/bin/env bash
# Fetches packages and makes SCIP indexes of their sources: what `codestrata-link-quality` compares links with.
#
#     bash tests/link_quality/truth.sh FOLDER python django==6.1.3
#     bash tests/link_quality/truth.sh FOLDER npm effect@4.1.0
#
# Needs Node.js with npm, for Python also pip. Writes FOLDER/NAME, the tree, and FOLDER/NAME.scip, its index, and
# prints the arguments with which they are measured. The indexers are installed in FOLDER/indexers.
set -euo pipefail

if [ $# -ne 3 ]; then
    sed -n '2,8s/^# \{0,1\}//p' "${BASH_SOURCE[0]}" >&2
    exit 2
fi
mkdir -p "$1"
folder=$(cd "$1" && pwd)
kind=$2
package=$3
# The versions with which the figures of docs/link-quality.md were made.
python_indexer=@sourcegraph/scip-python@0.6.6
typescript_indexer=@sourcegraph/scip-typescript@0.4.0

indexer() {
    npm install --silent --no-audit --no-fund --prefix "$folder/indexers" "$1" >&2
}

fresh() {
    if [ -e "$1" ]; then
        echo "$1 is there already; remove it first" >&2
        exit 1
    fi
    mkdir -p "$1"
}

case $kind in
    python)
        name=${package%%[=<>]*}
        tree=$folder/$name
        fresh "$tree"
        indexer "$python_indexer"
        # Only the package itself: what it imports is not part of the tree.
        python3 -m pip install --quiet --no-deps --no-compile --target "$tree" "$package" >&2
        find "$tree" -maxdepth 1 \( -name '*.dist-info' -o -name bin \) -exec rm -rf {} +
        # Nor is what happens to be installed on this machine, the package itself among it.
        echo '[]' >"$folder/environment.json"
        (cd "$tree" && "$folder/indexers/node_modules/.bin/scip-python" index . \
            --project-name "$name" --project-version 1 --environment "$folder/environment.json" \
            --output "$folder/$name.scip" >&2)
        ;;
    npm)
        name=$(echo "${package%@*}" | tr -d @ | tr / -)
        [ -n "$name" ] || name=$(echo "$package" | tr -d @ | tr / -)
        tree=$folder/$name
        fresh "$tree"
        indexer "$typescript_indexer"
        archive=$(cd "$tree" && npm pack --silent "$package")
        tar -xzf "$tree/$archive" -C "$tree" --strip-components 1 package/src
        rm "$tree/$archive"
        (cd "$tree" && "$folder/indexers/node_modules/.bin/scip-typescript" index --infer-tsconfig \
            --max-file-byte-size 10mb --output "$folder/$name.scip" >&2)
        ;;
    *)
        echo "the second argument is python or npm" >&2
        exit 2
        ;;
esac
echo "--scip $folder/$name.scip --root $tree"
