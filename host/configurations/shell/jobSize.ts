/** How many NPUs a job script asks for. */
import type { Variables } from './expand.js';

type Flags = ReadonlyMap<string, string | undefined>;

function numberOf(text: string | undefined): number | undefined {
  // torchrun takes a range of nodes, of which the first is the least.
  const number = Number(/^(\d+)(?::\d+)?$/.exec(text?.trim() ?? '')?.[1] ?? Number.NaN);
  return Number.isInteger(number) && number > 0 ? number : undefined;
}

function firstOf(names: readonly string[], of: (name: string) => string | undefined): number | undefined {
  return names.map((name) => numberOf(of(name))).find((number) => number !== undefined);
}

function times(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined || b === undefined ? undefined : a * b;
}

/** A task of Slurm may start a launcher for all GPUs of its node: what counts GPUs goes before what counts tasks. */
const PER_NODE_FLAGS = ['--nproc_per_node', '--nproc-per-node', '--gpus-per-node', '--ntasks-per-node', '--num_gpus'];
const NODE_FLAGS = ['--nnodes', '--nodes', '--num_nodes', '-N'];
const PER_NODE = [
  'GPUS_PER_NODE',
  'NPROC_PER_NODE',
  'NUM_GPUS_PER_NODE',
  'GPU_PER_NODE',
  'N_GPUS_PER_NODE',
  'GPUS',
  'NPROC',
];
const NODES = ['NNODES', 'NUM_NODES', 'NODES', 'N_NODES', 'WORLD_NODES', 'SLURM_NNODES', 'SLURM_JOB_NUM_NODES'];
const WORLD = ['WORLD_SIZE', 'WORLD', 'NUM_GPUS', 'N_GPUS', 'NGPUS'];

/** Options that count GPUs of a node, of which a kind may stand before: gpu:8, or gpu:h100:8. */
const KINDS_PER_NODE = ['--gres', '--gpus-per-node'];

/** Directives of Slurm: `#SBATCH --nodes=16`, `#SBATCH -N16`, several in a line. */
function directives(text: string): Map<string, string> {
  const found = new Map<string, string>();
  for (const [, line] of text.matchAll(/^#SBATCH([^#\n]*)/gm)) {
    for (const [, name, value] of line!.matchAll(/(?<=\s)(--[\w-]+|-[A-Za-z])(?:=|\s+|(?=\d))?([^\s-]\S*)?/g)) {
      if (value === undefined) continue;
      if (KINDS_PER_NODE.includes(name!)) found.set('--gpus-per-node', value.split(':').at(-1)!);
      else found.set(name!, value);
    }
  }
  return found;
}

/** What Slurm sets for a job by its directives (`man sbatch`, output environment variables). */
export function slurmVariables(text: string): Map<string, string> {
  const said = directives(text);
  const of = (...names: readonly string[]) => firstOf(names, (name) => said.get(name));
  const [nodes, tasks, gpus] = [of('--nodes', '-N'), of('--ntasks-per-node'), of('--gpus-per-node')];
  const set: readonly (readonly [string, number | undefined])[] = [
    ['SLURM_NNODES', nodes],
    ['SLURM_JOB_NUM_NODES', nodes],
    ['SLURM_NTASKS_PER_NODE', tasks],
    ['SLURM_NTASKS', of('--ntasks', '-n') ?? times(nodes, tasks)],
    ['SLURM_GPUS_PER_NODE', gpus],
    ['SLURM_GPUS_ON_NODE', gpus],
  ];
  return new Map(set.flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)]])));
}

/** Nodes times NPUs of a node, of flags. A launcher of one node need not say so. */
function ofFlags(flags: Flags, launched: boolean): number | undefined {
  const perNode = firstOf(PER_NODE_FLAGS, (name) => flags.get(name));
  const said = NODE_FLAGS.some((name) => flags.has(name));
  const nodes = firstOf(NODE_FLAGS, (name) => flags.get(name)) ?? (launched && !said ? 1 : undefined);
  return times(perNode, nodes);
}

/**
 * NPUs of a job: of its launcher, else of Slurm's directives, else of variables with the usual names; undefined where none says it.
 *
 * @param flags of the command, with their first values
 */
export function jobNpus(text: string, flags: Flags, variables: Variables): number | undefined {
  const variable = (name: string) => variables.text(name);
  // Of `bash -c "torchrun --nnodes=\$SLURM_NNODES"` the inner shell puts the variable in.
  const said = new Map(
    [...flags].map(([name, value]) => {
      const inner = /^\$(?:(\w+)|\{(\w+)\})$/.exec(value ?? '');
      return [name, inner === null ? value : variable((inner[1] ?? inner[2])!)] as const;
    }),
  );
  return (
    ofFlags(said, true) ??
    ofFlags(directives(text), false) ??
    times(firstOf(PER_NODE, variable), firstOf(NODES, variable)) ??
    firstOf(WORLD, variable)
  );
}
