import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { type Objective, parseObjective } from '../../kernels/objective/objective.js';
import { compileDesign, loadDefault } from '../../psa/defaults.js';
import { CosmicError } from '../../psa/errors.js';
import { designOf } from '../../psa/ordinals.js';
import type { Psa } from '../../psa/psa.js';
import type { CompiledSpace } from '../../psa/space.js';
import { type Baseline, baselineOf } from '../designs/baseline.js';
import { designEvaluator, type EvaluatedDesign } from '../designs/designs.js';
import { openSpace } from '../runs/openSpace.js';
import { addSpaceOptions, bigWholeNumber, type SpaceOptions, wholeNumber } from './options.js';

/** Options that choose one design: of a run by its rank, of a space by its ordinal, or a system's default. */
export interface DesignOptions extends SpaceOptions {
  readonly ordinal?: bigint;
  readonly rank?: number;
}

export interface ChosenDesign {
  /** What the space was compiled of. */
  readonly psa: Psa;
  readonly space: CompiledSpace;
  readonly evaluated: EvaluatedDesign;
  /** Undefined for a system's default. */
  readonly ordinal: bigint | undefined;
  readonly objective: Objective;
  readonly baseline: Baseline | undefined;
}

/** An ordinal, or the name of a design in a table: `d42`. */
function designOrdinal(text: string): bigint {
  return bigWholeNumber('--ordinal', 0n)(text.replace(/^d/, ''));
}

export function addDesignOptions(command: Command): Command {
  command
    .argument('[run-or-space]', "a run's folder, a preset or a PsA file (left out: the system's default design)")
    .option('--rank <k>', "which of the run's best designs (default: 1)", wholeNumber('--rank', 1))
    .option('--ordinal <n>', 'which design of the space, also as tables name it (d42)', designOrdinal);
  return addSpaceOptions(command);
}

/**
 * The design that the arguments name. What reads runs loads where one is named.
 *
 * @throws CosmicError ARGUMENT, DESIGN_AMBIGUOUS, and what loading the run or space throws
 */
export async function chooseDesign(name: string | undefined, options: DesignOptions): Promise<ChosenDesign> {
  if (name === undefined) return defaultOf(options);
  return existsSync(join(name, 'manifest.json')) ? designOfRun(name, options) : designOfSpace(name, options);
}

function forbid(given: boolean, option: string, where: string, remedy: string): void {
  if (given) throw new CosmicError('ARGUMENT', `${option} stands with ${where}`, { remedy });
}

function defaultOf({
  system = 'cosmic-1024',
  software,
  model = 'gpt3-175b',
  profile,
  set,
  ordinal,
  rank,
}: DesignOptions): ChosenDesign {
  forbid(ordinal !== undefined, '--ordinal', 'no space', 'name the space too, such as cosmic-full');
  forbid(rank !== undefined, '--rank', 'no run', "name the run's folder too");
  const psa = loadDefault(system, model, set, profile, software);
  const space = compileDesign(psa);
  const evaluated = designEvaluator(space)(space.fixed);
  return { psa, space, evaluated, ordinal: undefined, objective: parseObjective('time'), baseline: undefined };
}

async function designOfRun(
  path: string,
  { ordinal, rank = 1, system, software, model, profile, set }: DesignOptions,
): Promise<ChosenDesign> {
  const overridden = [system, software, model, profile].some((option) => option !== undefined) || set.length > 0;
  forbid(
    overridden,
    '--system, --software, --model, --profile or --set',
    'a run',
    'name a space and an --ordinal to change things',
  );
  const { readRun } = await import('../runs/runResult.js');
  const run = readRun(path);
  const { psa, space, winners, goal, baseline } = run;
  const objective = goal.first;
  if (ordinal !== undefined) return { psa, space, ...inSpace(space, ordinal), objective, baseline };
  const winner = winners[rank - 1];
  if (winner === undefined) {
    throw new CosmicError('ARGUMENT', `the run has no design of rank ${rank}`, {
      file: path,
      remedy: winners.length === 0 ? 'it found no feasible design' : `use --rank 1 to ${winners.length}`,
    });
  }
  return { psa, space, evaluated: winner, ordinal: winner.ordinal, objective, baseline };
}

function designOfSpace(name: string, options: DesignOptions): ChosenDesign {
  forbid(options.rank !== undefined, '--rank', 'a space', 'a space has designs by --ordinal, only a run has ranks');
  const { psa, space } = openSpace(name, options);
  if (options.ordinal === undefined && space.count > 1n) {
    throw new CosmicError('DESIGN_AMBIGUOUS', `${space.name} has ${space.count} designs`, {
      remedy: `choose one by --ordinal 0 … ${space.count - 1n}, or name a run's folder`,
    });
  }
  const objective = parseObjective(psa.objective.value, psa.objective.place);
  return {
    ...{ psa, space, objective },
    ...inSpace(space, options.ordinal ?? 0n),
    baseline: baselineOf(psa, [objective]),
  };
}

function inSpace(space: CompiledSpace, ordinal: bigint) {
  return { evaluated: designEvaluator(space)(designOf(space, ordinal)), ordinal };
}
