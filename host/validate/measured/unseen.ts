/** Rows that had no say in any fit: how far off they are predicted, and how often the intervals that the others give hold them. */
import { STATUS } from '../../../kernels/outputs.js';
import { slotOf } from '../../../psa/parameters.js';
import type { Evidence } from '../../doubt/evidence.js';
import { classOfKind, installationName, knowsSoftware, validatedBy } from '../../doubt/interval.js';
import { mean } from '../../statistics/statistics.js';
import { partsOf } from '../groups.js';
import { isHeld, residualOf } from './evidence.js';
import { type MeasuredResults, type Prepared, resultsOf } from './measured.js';
import { type PreparedRow, predictRow } from './prediction.js';

export interface UnseenSource {
  readonly source: string;
  readonly steps: number;
  /** Share of the steps that their 90 % intervals hold; undefined where no validated step is of their kind. */
  readonly held: number | undefined;
  /** Steps that ran, but of which no setting was thought to fit in the memory. */
  readonly alarms: number;
}

export interface Unseen {
  /** Name of the file of rows. */
  readonly file: string;
  readonly results: MeasuredResults;
  readonly sources: readonly UnseenSource[];
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
  readonly source: string;
  readonly held: boolean | undefined;
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
  const kind = classOfKind(residual, evidence);
  const held = kind === undefined ? undefined : isHeld(residual, kind);
  return [{ source: row.source, held, alarm: (status & STATUS.MEMORY) !== 0 }];
}

function shareHeld(judged: readonly Judged[]): number | undefined {
  const known = judged.flatMap(({ held }) => (held === undefined ? [] : [held ? 1 : 0]));
  return known.length === 0 ? undefined : mean(known);
}

/**
 * What predictions and intervals say of rows that nobody fitted.
 *
 * @param evidence of other rows
 */
export function unseenOf(file: string, prepared: Prepared, evidence: Evidence): Unseen {
  const judged = prepared.rows.flatMap((row) => judge(row, evidence));
  const sources = [...partsOf(judged, ({ source }) => source)].map(([source, own]) => ({
    source,
    steps: own.length,
    held: shareHeld(own),
    alarms: own.filter(({ alarm }) => alarm).length,
  }));
  return { file, results: resultsOf(prepared), sources };
}
