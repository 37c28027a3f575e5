/** The nearest configurations that are faster, or, of a job that does not run or is unlikely to fit, the nearest that are likely to. */
import { OUTPUT } from '../../kernels/outputs.js';
import type { CompiledSpace } from '../../psa/space.js';
import type { Evaluator } from '../backends/evaluator.js';
import { designEvaluator } from '../designs/designs.js';
import { memoryUse } from '../display/memoryUse.js';
import { chanceOfMemory, isUnlikely } from '../doubt/memoryFit.js';
import { type Sureness, surenessOf } from '../doubt/sureness.js';
import { type CheckedConfiguration, runs } from './checkConfiguration.js';
import type { ConfigurationFile, SettingChange } from './configurationFile.js';
import { brokenFacts } from './legality.js';
import { likelyToFit, nearest } from './nearest.js';
import { MOST_SWITCHES, type Neighbour, neighboursOf, type SwitchedJob } from './neighbours.js';
import type { ReadOptions } from './readConfiguration.js';
import { isExpressible, rewriter } from './rewrite.js';

/** A configuration worth switching to. */
export interface FasterConfiguration extends Neighbour {
  /** Undefined where the job itself does not run. */
  readonly sureness: Sureness | undefined;
  /** The file with it, and the settings that changed. */
  readonly text: string;
  readonly changes: readonly SettingChange[];
}

/** Of each number of switches so many at first. */
const OF_EACH = [4, 3, 3];

/** What is rather slower, as its file is read again, is not offered. */
const LEAST_CHANCE = 0.5;

/** Candidates that are written into the file and read again, at most. */
const MOST_WRITTEN = 60;

/** Is a job so unlikely to fit that it is looked for what is likely to, not for what is faster? */
export function lacksMemory({ step }: CheckedConfiguration): boolean {
  return step !== undefined && isUnlikely(chanceOfMemory(step.memory));
}

/** The job with what its framework has settings for, and allows. */
function switchedJob(checked: CheckedConfiguration): SwitchedJob {
  const { framework, psa, facts } = checked.configuration;
  const rows = framework.rows.filter(({ settings }) => settings.length > 0);
  const settable = new Set<string>(rows.flatMap(({ targets }) => targets));
  return {
    psa,
    facts,
    isSettable: (name) => settable.has(name),
    isLegal: (changed) => brokenFacts(framework, changed).length === 0,
    lacksMemory: lacksMemory(checked),
  };
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
  const near = await neighboursOf(switchedJob(checked), evaluatorOf);
  if (near === undefined) return [];
  const { space } = near;
  const found = await near.changing(1, MOST_SWITCHES).finally(near.close);
  const own = step !== undefined && runs(checked) && !lacksMemory(checked) ? step : undefined;
  const rewritten = rewriter(configuration, space, options, reread);
  // Switches without an effect on the job have none on the file either.
  const texts = new Set([configuration.file.text]);
  const complete = (one: Neighbour): FasterConfiguration | undefined => {
    const again = rewritten(one.design);
    if (again === undefined || texts.has(again.text)) return undefined;
    texts.add(again.text);
    const evaluated = designEvaluator(again.space)(again.space.fixed);
    const timeUs = evaluated.outputs[OUTPUT.timeUs]!;
    const sureness = own && surenessOf(again.space, timeUs / own.evaluated.outputs[OUTPUT.timeUs]!);
    if (sureness !== undefined && sureness.chance < LEAST_CHANCE) return undefined;
    const { text, changes } = again;
    return { ...one, timeUs, memory: memoryUse(evaluated), sureness, text, changes };
  };
  return nearest(lacksMemory(checked) ? likelyToFit(found) : found, {
    belowUs: own?.evaluated.outputs[OUTPUT.timeUs] ?? Number.POSITIVE_INFINITY,
    ofEach: OF_EACH,
    mostTried: MOST_WRITTEN,
    isExpressible: (one) => isExpressible(configuration.framework, space, one.design, step?.space),
    complete,
  });
}
