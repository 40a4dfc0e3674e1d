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
# As many processes as processors; -n 0 among the arguments has all of it in one. Each gets a row of whole modules, so that
# what a module's tests share is made once, and who is done first takes over from the others.
exec "$python" -m pytest -n auto --dist worksteal "$@"
