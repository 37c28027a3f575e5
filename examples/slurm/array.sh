#!/bin/bash
# A sweep as a job array, without a queue: each task sweeps its shard, a job behind them merges. Submit both by
#   array=$(sbatch --parsable --array=1-8 array.sh)
#   sbatch --dependency=afterok:$array merge.sh
# In a folder that all nodes share; cosmic is on the PATH.
#SBATCH --job-name=cosmic
#SBATCH --ntasks=1
#SBATCH --requeue
set -euo pipefail

space=${COSMIC_SPACE:-cosmic-network}
folder=${COSMIC_RUNS:-runs/array}
run=$folder/shard-$SLURM_ARRAY_TASK_ID

# A task that is requeued goes on with its run. Its former self is over, though its lock may name another node.
if [ -e "$run/manifest.json" ]; then
  rm -f "$run/lock"
  exec cosmic sweep --resume "$run"
fi
exec cosmic sweep "$space" --pareto --shard slurm --out "$run" ${COSMIC_SWEEP_OPTIONS:-}
