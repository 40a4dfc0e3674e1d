#!/bin/sh
# Runs the tests: sh test.sh [what pytest takes]
# Needs Python 3.11 or newer (or PYTHON=/path/to/one), and a package index on the first run only.
set -eu
unset CDPATH
root=$(cd -- "$(dirname -- "$0")" && pwd -P)
. "$root/.ci/environment.sh"
prepare .venv-test '[test]'
say_engine
cd -- "$root"
exec "$python" -m pytest "$@"
