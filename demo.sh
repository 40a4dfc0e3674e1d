#!/bin/sh
# Checks the real filings in cases/ and says what a sponsor wants to know: sh demo.sh
# Needs Python 3.11 or newer (or PYTHON=/path/to/one), and a package index on the first run only.
set -eu
unset CDPATH
root=$(cd -- "$(dirname -- "$0")" && pwd -P)
. "$root/.ci/environment.sh"
prepare .venv-demo '[office]'
say_engine
cd -- "$root"
exec "$venv/bin/compliance" demo "$@"
