/** Which part of a sweep is meant: as it is typed, or as a cluster's scheduler tells its tasks. */
import { CosmicError } from '../../psa/errors.js';

export interface Shard {
  /** From 1. */
  readonly index: number;
  readonly of: number;
}

/**
 * Reads `2/4`, the second of four shards; `slurm`, the task of a job array 1-n (https://slurm.schedmd.com/job_array.html); `auto`,
 * that or the pod of an indexed Job of Kubernetes, whose completions stand in COSMIC_SHARDS.
 *
 * @throws CosmicError ARGUMENT
 */
export function shard(text: string, environment: NodeJS.ProcessEnv = process.env): Shard {
  if (text === 'slurm') return slurmShard(environment);
  if (text === 'auto') {
    if (environment.SLURM_ARRAY_TASK_ID !== undefined) return slurmShard(environment);
    if (environment.JOB_COMPLETION_INDEX !== undefined) return kubernetesShard(environment);
    throw refused("--shard is 'auto', but this is no task of a job array of Slurm nor of an indexed Job of Kubernetes");
  }
  const match = /^(\d+)\/(\d+)$/.exec(text);
  return checked(Number(match?.[1]), Number(match?.[2])) ?? fail(refused(`--shard is '${text}'`));
}

/** An array that begins elsewhere may be what was left of one: how many shards there are is then not known. */
function slurmShard(environment: NodeJS.ProcessEnv): Shard {
  const [task, least, most, count] = ['ID', 'MIN', 'MAX', 'COUNT'].map((name) =>
    Number(environment[`SLURM_ARRAY_TASK_${name}`]),
  );
  const found = least === 1 && most === count ? checked(task!, count!) : undefined;
  return (
    found ??
    fail(
      new CosmicError('ARGUMENT', '--shard is slurm, but this is no task of a job array from 1 to n', {
        remedy: 'submit it by sbatch --array=1-8, say; to repeat one task of eight, requeue it or give --shard 3/8',
      }),
    )
  );
}

function kubernetesShard({ JOB_COMPLETION_INDEX: index, COSMIC_SHARDS: completions }: NodeJS.ProcessEnv): Shard {
  return (
    checked(Number(index) + 1, Number(completions ?? Number.NaN)) ??
    fail(
      new CosmicError('ARGUMENT', '--shard is auto, but COSMIC_SHARDS is not how many completions the Job has', {
        remedy: 'give it in the container’s env, as examples/kubernetes/sweep.yaml does',
      }),
    )
  );
}

function checked(index: number, of: number): Shard | undefined {
  return Number.isSafeInteger(index) && Number.isSafeInteger(of) && index >= 1 && index <= of
    ? { index, of }
    : undefined;
}

function refused(message: string): CosmicError {
  return new CosmicError('ARGUMENT', message, {
    remedy:
      'give i/n with i from 1 to n, such as 1/4 for the first of four shards; slurm or auto for a task of a cluster',
  });
}

function fail(error: CosmicError): never {
  throw error;
}
