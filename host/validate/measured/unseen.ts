/** Rows that had no say in any fit: how far off they are predicted, and how often the intervals that the others give hold them. */
import { STATUS } from '../../../kernels/outputs.js';
import { slotOf } from '../../../psa/parameters.js';
import type { Evidence, Publication } from '../../doubt/evidence.js';
import { classOfKind, installationName, knowsSoftware, validatedBy } from '../../doubt/interval.js';
import { middle } from '../../doubt/spread.js';
import { mean, median } from '../../statistics/statistics.js';
import { partsOf } from '../groups.js';
import type { CrossedCase } from './crossValidation.js';
import { isHeld, pairsByJob, type Residual, residualOf } from './evidence.js';
import { casesOf, type MeasuredResults, type Prepared, resultsOf } from './measured.js';
import { type PreparedRow, predictRow } from './prediction.js';

export interface UnseenSource {
  readonly source: string;
  readonly steps: number;
  /** Share of the steps that their 90 % intervals hold as all others give them; undefined where no validated step is of their kind. */
  readonly held: number | undefined;
  /** The same of intervals as fitted publications alone would give them. */
  readonly heldByFitted: number | undefined;
  /** Steps that ran, but of which no setting was thought to fit in the memory. */
  readonly alarms: number;
}

/** How often the 80 % interval of a ratio of two runs of a job held it. */
export interface HeldGains {
  readonly pairs: number;
  readonly jobs: number;
  /** A share. */
  readonly held: number;
  /** The mean over jobs, each of which counts alike. */
  readonly heldByJob: number;
}

export interface Unseen {
  /** Name of the file of rows. */
  readonly file: string;
  readonly results: MeasuredResults;
  readonly sources: readonly UnseenSource[];
  /** Undefined where no job has two runs. */
  readonly gains: HeldGains | undefined;
}

const HOST = slotOf('compute.hostLaunchUs');

/** With the slowest host of the frameworks that are known; undefined where its own is as slow. */
function slowSeconds(row: PreparedRow, launchUs: number): number | undefined {
  const own = row.design[HOST]!;
  if (own >= launchUs) return undefined;
  row.design[HOST] = launchUs;
  const { seconds } = predictRow(row);
  row.design[HOST] = own;
  return seconds;
}

interface Judged {
  readonly residual: Residual;
  readonly alarm: boolean;
}

/** Nothing of a row without a prediction. */
function judge(prepared: PreparedRow, evidence: Evidence): Judged[] {
  const { row, system, software } = prepared;
  const { seconds, status } = predictRow(prepared);
  if (seconds === undefined) return [];
  const validated = validatedBy(system, software, evidence);
  const slow = knowsSoftware(validated) ? undefined : slowSeconds(prepared, evidence.slowestLaunchUs);
  const residual = residualOf(validated, installationName(system, software), row, seconds, slow);
  return [{ residual, alarm: (status & STATUS.MEMORY) !== 0 }];
}

const bySource = ({ rows }: Prepared, evidence: Evidence): ReadonlyMap<string, readonly Judged[]> =>
  partsOf(
    rows.flatMap((row) => judge(row, evidence)),
    ({ residual }) => residual.source,
  );

/**
 * What each publication differs by from its predictions. The median, so that single steps have no say, as their spread is that of other
 * rows. Publications that constants were fitted to tell nothing of it: the physics and the reading of rows were made with them in sight.
 */
export function publicationsOf(prepared: Prepared, evidence: Evidence): Publication[] {
  return [...bySource(prepared, evidence)].map(([source, own]) => ({
    source,
    steps: own.length,
    shift: Number(median(own.map(({ residual }) => residual.value)).toPrecision(4)),
  }));
}

function shareHeld(judged: readonly Judged[], evidence: Evidence): number | undefined {
  const held = judged.flatMap(({ residual }) => {
    const kind = classOfKind(residual, evidence);
    return kind === undefined ? [] : [isHeld(residual, kind, evidence.publications) ? 1 : 0];
  });
  return held.length === 0 ? undefined : mean(held);
}

/** Of pairs of runs, as evidence of fitted publications has them. */
function gainsOf({ rows }: Prepared, { pairs: known }: Evidence): HeldGains | undefined {
  const cases = casesOf(rows, rows.map(predictRow)).map(
    (one, i): CrossedCase => ({ ...one, of: installationName(rows[i]!.system, rows[i]!.software) }),
  );
  const predicted = cases.filter(({ got }) => got !== undefined);
  const jobs = known.flatMap(({ model, spread }) => {
    const [low, high] = middle(spread, 0.8);
    return pairsByJob(predicted, model).map((pairs) => pairs.map((one) => (one >= low && one <= high ? 1 : 0)));
  });
  if (jobs.length === 0) return undefined;
  const all: number[] = jobs.flat();
  return { pairs: all.length, jobs: jobs.length, held: mean(all), heldByJob: mean(jobs.map((job) => mean(job))) };
}

/**
 * What predictions and intervals say of rows that nobody fitted, each publication kept out of the evidence of its own.
 *
 * @param evidence of other rows, and of the publications of these
 */
export function unseenOf(file: string, prepared: Prepared, evidence: Evidence): Unseen {
  const sources = [...bySource(prepared, evidence)].map(([source, own]) => ({
    source,
    steps: own.length,
    held: shareHeld(own, { ...evidence, publications: evidence.publications.filter((one) => one.source !== source) }),
    heldByFitted: shareHeld(own, { ...evidence, publications: [] }),
    alarms: own.filter(({ alarm }) => alarm).length,
  }));
  return { file, results: resultsOf(prepared), sources, gains: gainsOf(prepared, evidence) };
}
