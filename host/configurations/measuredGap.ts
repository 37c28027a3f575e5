/** A measured step beside the predicted one: where the gap may lie. */
import { OUTPUT } from '../../kernels/outputs.js';
import { CosmicError, excerpt } from '../../psa/errors.js';
import { readText } from '../../psa/files.js';
import type { CompiledSpace } from '../../psa/space.js';
import { designEvaluator } from '../designs/designs.js';
import { type CalibratedConstant, calibratedConstants } from '../doubt/constants.js';
import { median } from '../statistics/statistics.js';
import { LOGGED, stepTimes } from './stepLog.js';

/** A constant that would explain the gap by itself. */
export interface Explaining extends CalibratedConstant {
  readonly now: number;
  /** With this value the prediction is what was measured. */
  readonly wouldBe: number;
}

export interface MeasuredGap {
  readonly measuredUs: number;
  readonly predictedUs: number;
  /** Measured over predicted. */
  readonly ratio: number;
  /** Steps of a log that were read; 1 where a time was given. */
  readonly steps: number;
  /** The least change first. */
  readonly explaining: readonly Explaining[];
}

const UNITS: Readonly<Record<string, number>> = { us: 1, ms: 1e3, s: 1e6, min: 60e6 };

/** Steps at the beginning of a log that compile, allocate and warm up. */
const WARM_UP = 3;

const MOST_BYTES = 2 ** 26;

/**
 * A measured time: `4.2s`, `350ms`, or a log of a framework, of which the median step behind the first few counts.
 *
 * @param tokensPerNpu tokens of a step over the NPUs of the job
 * @throws CosmicError ARGUMENT where it is neither, FILE_NOT_FOUND
 */
export function readMeasured(text: string, tokensPerNpu: number): { readonly timeUs: number; readonly steps: number } {
  const [, number, unit] = /^(\d+(?:\.\d+)?)\s*(us|ms|s|min)$/.exec(text.trim()) ?? [];
  if (number !== undefined && Number(number) > 0) return { timeUs: Number(number) * UNITS[unit!]!, steps: 1 };
  const remedy = `give a time such as 4.2s or 350ms, or a log as printed by ${LOGGED.slice(0, -1).join(', ')} or ${LOGGED.at(-1)}`;
  if (/^[\d.]+\s*\w*$/.test(text.trim()))
    throw new CosmicError('ARGUMENT', `--measured is '${excerpt(text)}'`, { remedy });
  const all = stepTimes(readText(text, remedy, MOST_BYTES), tokensPerNpu);
  if (all.length === 0) throw new CosmicError('SCHEMA', 'the log has no times of steps', { file: text, remedy });
  const steps = all.length > 2 * WARM_UP ? all.slice(WARM_UP) : all.slice(-1);
  return { timeUs: median(steps), steps: steps.length };
}

/** A constant may be off by so much; more would be another machine. */
const MOST_CHANGE = 10;

const HALVINGS = 60;

/** The value of a constant at which the step takes so long; undefined where none in reach does. */
function valueAt(timeAt: (value: number) => number, now: number, most: number, targetUs: number): number | undefined {
  let [low, high] = [now / MOST_CHANGE, Math.min(now * MOST_CHANGE, most)];
  const rises = timeAt(high) > timeAt(low);
  const [least, longest] = rises ? [timeAt(low), timeAt(high)] : [timeAt(high), timeAt(low)];
  if (targetUs < least || targetUs > longest) return undefined;
  for (let i = 0; i < HALVINGS; i++) {
    const middle = Math.sqrt(low * high);
    if (timeAt(middle) > targetUs === rises) high = middle;
    else low = middle;
  }
  return Math.sqrt(low * high);
}

/**
 * Compares a measured step with the predicted one, and finds for each calibrated constant the value that would explain the gap alone:
 * what a calibration on this measurement would do.
 *
 * @example
 * explainGap(step.space, { timeUs: 4.2e6, steps: 1 }).explaining[0].name; // 'compute.gemmEfficiency'
 */
export function explainGap(space: CompiledSpace, { timeUs, steps }: { timeUs: number; steps: number }): MeasuredGap {
  const evaluate = designEvaluator(space);
  const predictedUs = evaluate(space.fixed).outputs[OUTPUT.timeUs]!;
  const explaining = calibratedConstants(space, space.fixed).flatMap((constant): Explaining[] => {
    const timeAt = (value: number) => {
      const design = space.fixed.slice();
      design[constant.slot] = value;
      return evaluate(design).outputs[OUTPUT.timeUs]!;
    };
    const now = space.fixed[constant.slot]!;
    const wouldBe = valueAt(timeAt, now, constant.most, timeUs);
    return wouldBe === undefined ? [] : [{ ...constant, now, wouldBe }];
  });
  const change = ({ now, wouldBe }: Explaining) => Math.abs(Math.log(wouldBe / now));
  return {
    measuredUs: timeUs,
    predictedUs,
    ratio: timeUs / predictedUs,
    steps,
    explaining: explaining.sort((a, b) => change(a) - change(b)),
  };
}
