#!/usr/bin/env bash
# Builds why401 from the action's own source and checks the logs of $LOGS, one a
# line: annotations and the job's summary, and SARIF if asked for.
set -euo pipefail

bin="${RUNNER_TEMP:?}/why401"
go build -C "$(dirname "$0")/../../.." -o "$bin" ./cmd/why401

args=(check --format github)
[[ -z ${CONFIG:-} ]] || args+=(--config "$CONFIG")
[[ -z ${SARIF:-} ]] || args+=(--output "sarif=$SARIF")
args+=(--)
while IFS= read -r log; do
	[[ -z $log ]] || args+=("$log")
done <<<"${LOGS:?}"
exec "$bin" "${args[@]}"
