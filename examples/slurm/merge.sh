#!/bin/bash
# Joins the shards of array.sh into one run.
#SBATCH --job-name=cosmic-merge
#SBATCH --ntasks=1
set -euo pipefail

folder=${COSMIC_RUNS:-runs/array}
exec cosmic merge "$folder"/shard-* --out "$folder/whole"
