#!/bin/sh
# Runs schedsim from this checkout, from any folder: sh scripts/schedsim.sh run --algo rr
# The first call sets up .venv in the checkout, and touches nothing else.
set -eu
. "$(dirname -- "$0")/environment.sh"
environment run
exec "$bin/schedsim" "$@"
