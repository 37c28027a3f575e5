/** The nearest configurations that are faster, or, of a job that does not run, the nearest that run. */
import { OUTPUT } from '../../kernels/outputs.js';
import type { CompiledSpace } from '../../psa/space.js';
import type { Evaluator } from '../backends/evaluator.js';
import { designEvaluator } from '../designs/designs.js';
import { type MemoryUse, memoryUse } from '../display/memoryUse.js';
import { type CheckedConfiguration, runs } from './checkConfiguration.js';
import type { ConfigurationFile, SettingChange } from './configurationFile.js';
import { compareUnderDoubt, type Sureness } from './doubt.js';
import { type Neighbour, neighbours } from './neighbours.js';
import type { ReadOptions } from './readConfiguration.js';
import { rewritten } from './rewrite.js';

/** A configuration worth switching to. */
export interface FasterConfiguration extends Neighbour {
  readonly memory: MemoryUse;
  /** Undefined where the job itself does not run. */
  readonly sureness: Sureness | undefined;
  /** The file with it, and the settings that changed. */
  readonly text: string;
  readonly changes: readonly SettingChange[];
}

/** Of each number of switches so many at first; what is left goes to the fastest. */
const OF_EACH = [4, 3, 3];
const SHOWN = OF_EACH.reduce((sum, n) => sum + n, 0);

/** Less is no gain that anybody would measure. */
const GAIN = 0.005;

/** Does one change some of the switches of another, and no others? */
function within(fewer: Neighbour, more: Neighbour): boolean {
  return fewer.switches.every((name) => more.switches.includes(name));
}

/** Of configurations that take the same time with the same switches the first: the others differ in what has no effect. */
function distinct(sorted: readonly Neighbour[]): Neighbour[] {
  return sorted.filter((one, i) => {
    const before = sorted[i - 1];
    return before === undefined || before.timeUs !== one.timeUs || before.switches.join() !== one.switches.join();
  });
}

/** Candidates in the order in which they are tried: a switch more has to earn something. */
function ranked(all: readonly Neighbour[], ownUs: number): Neighbour[][] {
  const limit = ownUs * (1 - GAIN);
  const byCount: Neighbour[][] = OF_EACH.map(() => []);
  for (const one of all) if (one.timeUs < limit) byCount[one.switches.length - 1]!.push(one);
  for (const some of byCount) some.sort((a, b) => a.timeUs - b.timeUs);
  return byCount.map((some, i) =>
    distinct(some).filter((one) => {
      const fewer = byCount.slice(0, i).flatMap((group) => group.find((other) => within(other, one)) ?? []);
      return fewer.every((other) => one.timeUs < other.timeUs * (1 - GAIN));
    }),
  );
}

/**
 * The ten nearest faster configurations that the file can say in its own words: fewest switches first, then the fastest.
 *
 * @param reread reads a text as the file was read
 * @param evaluatorOf makes the evaluator of a space
 */
export async function fasterConfigurations(
  checked: CheckedConfiguration,
  options: ReadOptions,
  reread: (text: string) => ConfigurationFile,
  evaluatorOf: (space: CompiledSpace) => Promise<Evaluator>,
): Promise<readonly FasterConfiguration[]> {
  const { configuration, step } = checked;
  const found = await neighbours(configuration, evaluatorOf);
  if (found === undefined) return [];
  const { space } = found;
  const own = step !== undefined && runs(checked) ? step : undefined;
  const complete = (one: Neighbour): FasterConfiguration[] => {
    const again = rewritten(configuration, space, one.design, options, reread);
    if (again === undefined) return [];
    const evaluated = designEvaluator(again.space)(again.space.fixed);
    const sureness = own && compareUnderDoubt(own.space, again.space);
    const { text, changes } = again;
    return [
      { ...one, timeUs: evaluated.outputs[OUTPUT.timeUs]!, memory: memoryUse(evaluated), sureness, text, changes },
    ];
  };
  const groups = ranked(found.neighbours, own?.evaluated.outputs[OUTPUT.timeUs] ?? Number.POSITIVE_INFINITY);
  const shown: FasterConfiguration[] = [];
  groups.forEach((group, i) => {
    const most = OF_EACH.slice(0, i + 1).reduce((sum, n) => sum + n, 0);
    for (const one of group) {
      if (shown.length >= most) break;
      shown.push(...complete(one));
    }
  });
  return shown.slice(0, SHOWN);
}
