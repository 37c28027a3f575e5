/** The nearest configurations that are faster, or, of a job that does not run or is unlikely to fit, the nearest that are likely to. */
import { OUTPUT } from '../../kernels/outputs.js';
import type { CompiledSpace } from '../../psa/space.js';
import type { Evaluator } from '../backends/evaluator.js';
import { designEvaluator } from '../designs/designs.js';
import { type MemoryUse, memoryUse } from '../display/memoryUse.js';
import { chanceOfMemory, isLikely, isUnlikely } from '../doubt/memoryFit.js';
import { LEAST_GAIN, type Sureness, surenessOf } from '../doubt/sureness.js';
import { type CheckedConfiguration, runs } from './checkConfiguration.js';
import type { ConfigurationFile, SettingChange } from './configurationFile.js';
import { type Neighbour, neighbours } from './neighbours.js';
import type { ReadOptions } from './readConfiguration.js';
import { isExpressible, rewriter } from './rewrite.js';

/** A configuration worth switching to. */
export interface FasterConfiguration extends Neighbour {
  readonly memory: MemoryUse;
  /** Undefined where the job itself does not run. */
  readonly sureness: Sureness | undefined;
  /** The file with it, and the settings that changed. */
  readonly text: string;
  readonly changes: readonly SettingChange[];
}

/** Of each number of switches so many at first. */
const OF_EACH = [4, 3, 3];

/** What is rather slower is not offered: of runs that nobody fitted fewer than half with so small a gain had one. */
const LEAST_CHANCE = 0.5;

/** Candidates that are written into the file and read again, at most. */
const MOST_WRITTEN = 60;

/** Does one change some of the switches of another, and no others? */
function within(fewer: Neighbour, more: Neighbour): boolean {
  return fewer.switches.length < more.switches.length && fewer.switches.every((name) => more.switches.includes(name));
}

/** Is one with the same switches no slower, and takes hardly more memory? */
function outdoes(one: FasterConfiguration, other: FasterConfiguration): boolean {
  const isSame = one.switches.join() === other.switches.join();
  return isSame && one.timeUs <= other.timeUs && one.memory.usedMB <= other.memory.usedMB * (1 + LEAST_GAIN);
}

/** Of configurations that take the same time with the same switches the first: the others differ in what has no effect. */
function distinct(sorted: readonly Neighbour[]): Neighbour[] {
  return sorted.filter((one, i) => {
    const before = sorted[i - 1];
    return before === undefined || before.timeUs !== one.timeUs || before.switches.join() !== one.switches.join();
  });
}

/** Those that are faster, by their number of switches, the fastest first. */
function fasterByCount(all: readonly Neighbour[], ownUs: number): Neighbour[][] {
  const byCount: Neighbour[][] = OF_EACH.map(() => []);
  for (const one of all) if (one.timeUs < ownUs * (1 - LEAST_GAIN)) byCount[one.switches.length - 1]!.push(one);
  return byCount.map((some) => distinct(some.sort((a, b) => a.timeUs - b.timeUs)));
}

/** Of each number of switches those that earn something by a further one. */
function earning(byCount: readonly (readonly Neighbour[])[]): Neighbour[][] {
  return byCount.map((some, i) =>
    some.filter((one) => {
      const fewer = byCount.slice(0, i).flatMap((group) => group.find((other) => within(other, one)) ?? []);
      return fewer.every((other) => one.timeUs < other.timeUs * (1 - LEAST_GAIN));
    }),
  );
}

/** Is a job so unlikely to fit that it is looked for what is likely to, not for what is faster? */
export function lacksMemory({ step }: CheckedConfiguration): boolean {
  return step !== undefined && isUnlikely(chanceOfMemory(step.memory));
}

/** Of a job that lacks memory those that are likely to fit, or where there are none all. */
function likelier(checked: CheckedConfiguration, all: readonly Neighbour[]): readonly Neighbour[] {
  const { step } = checked;
  if (step === undefined || !lacksMemory(checked)) return all;
  const likely = all.filter(({ reservedMB }) => isLikely(chanceOfMemory({ ...step.memory, usedMB: reservedMB })));
  return likely.length > 0 ? likely : all;
}

/**
 * The ten nearest faster configurations that the file can say in its own words: fewest switches first, then the fastest. Of a job that
 * is unlikely to fit in memory those that are likely to, faster or not.
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
  const own = step !== undefined && runs(checked) && !lacksMemory(checked) ? step : undefined;
  const rewritten = rewriter(configuration, space, options, reread);
  // Switches without an effect on the job have none on the file either.
  const texts = new Set([configuration.file.text]);
  const shown: FasterConfiguration[] = [];
  const complete = (one: Neighbour): FasterConfiguration[] => {
    const again = rewritten(one.design);
    if (again === undefined || texts.has(again.text)) return [];
    texts.add(again.text);
    const evaluated = designEvaluator(again.space)(again.space.fixed);
    const timeUs = evaluated.outputs[OUTPUT.timeUs]!;
    const sureness = own && surenessOf(again.space, timeUs / own.evaluated.outputs[OUTPUT.timeUs]!);
    if (sureness !== undefined && sureness.chance < LEAST_CHANCE) return [];
    const { text, changes } = again;
    const whole = { ...one, timeUs, memory: memoryUse(evaluated), sureness, text, changes };
    return shown.some((other) => outdoes(other, whole)) ? [] : [whole];
  };
  const byCount = fasterByCount(
    likelier(checked, found.neighbours),
    own?.evaluated.outputs[OUTPUT.timeUs] ?? Number.POSITIVE_INFINITY,
  );
  const tried = new Set<Neighbour>();
  const show = (group: readonly Neighbour[], upTo: number) => {
    for (const one of group) {
      if (shown.length >= upTo || tried.size >= MOST_WRITTEN) return;
      if (tried.has(one) || !isExpressible(configuration.framework, space, one.design)) continue;
      if (shown.some((other) => within(other, one) && other.timeUs <= one.timeUs)) continue;
      tried.add(one);
      shown.push(...complete(one));
    }
  };
  let most = 0;
  for (const [i, group] of earning(byCount).entries()) {
    most += OF_EACH[i]!;
    show(group, most);
  }
  // What is left goes to the nearest of the others.
  show(byCount.flat(), most);
  return shown.sort((a, b) => a.switches.length - b.switches.length || a.timeUs - b.timeUs);
}
