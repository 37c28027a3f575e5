/** Rows that had no say in any fit: how far off they are predicted, and how often the intervals that the others give hold them. */
import { STATUS } from '../../../kernels/outputs.js';
import { slotOf } from '../../../psa/parameters.js';
import type { Evidence, Publication } from '../../doubt/evidence.js';
import { classOfKind, installationName, knowsSoftware, validatedBy } from '../../doubt/interval.js';
import { mean, median } from '../../statistics/statistics.js';
import { partsOf } from '../groups.js';
import { isHeld, type Residual, residualOf } from './evidence.js';
import { type GainPair, gainPairs, type HeldGains, heldGains } from './gains.js';
import { casesOf, type MeasuredResults, type Prepared, resultsOf } from './measured.js';
import { type Prediction, type PreparedRow, predictRow } from './prediction.js';

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

export interface Unseen {
  /** Names of the files of rows. */
  readonly files: readonly string[];
  readonly results: MeasuredResults;
  readonly sources: readonly UnseenSource[];
  /** How often gains of their runs were what others promise; undefined where no job has two runs. */
  readonly gains: HeldGains | undefined;
  /** The same of fitted publications' runs, each predicted without its model. */
  readonly fittedGains: HeldGains | undefined;
}

/** Rows that nobody fitted, and their predictions. */
export interface PredictedRows {
  readonly prepared: Prepared;
  readonly predictions: readonly Prediction[];
}

export function predictRows(prepared: Prepared): PredictedRows {
  return { prepared, predictions: prepared.rows.map(predictRow) };
}

/** All pairs of their runs that differ by a gain. */
export function unseenPairs({ prepared: { rows }, predictions }: PredictedRows): GainPair[] {
  const installation = ({ system, software }: PreparedRow) => installationName(system, software);
  return gainPairs(casesOf(rows, predictions).map((one, i) => ({ ...one, of: installation(rows[i]!) })));
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
function judge(prepared: PreparedRow, { seconds, status }: Prediction, evidence: Evidence): Judged[] {
  const { row, system, software } = prepared;
  if (seconds === undefined) return [];
  const validated = validatedBy(system, software, evidence);
  const slow = knowsSoftware(validated) ? undefined : slowSeconds(prepared, evidence.slowestLaunchUs);
  const residual = residualOf(validated, installationName(system, software), row, seconds, slow);
  return [{ residual, alarm: (status & STATUS.MEMORY) !== 0 }];
}

const bySource = ({ prepared: { rows }, predictions }: PredictedRows, evidence: Evidence) =>
  partsOf(
    rows.flatMap((row, i) => judge(row, predictions[i]!, evidence)),
    ({ residual }) => residual.source,
  );

/**
 * What each publication differs by from its predictions. The median, so that single steps have no say, as their spread is that of other
 * rows. Publications that constants were fitted to tell nothing of it: the physics and the reading of rows were made with them in sight.
 */
export function publicationsOf(predicted: PredictedRows, evidence: Evidence): Publication[] {
  return [...bySource(predicted, evidence)].map(([source, own]) => ({
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

/**
 * What predictions and intervals say of rows that nobody fitted, each publication kept out of the evidence of its own.
 *
 * @param evidence of other rows, and of the publications of these
 * @param fitted pairs of runs that constants were fitted to
 */
export function unseenOf(
  files: readonly string[],
  predicted: PredictedRows,
  evidence: Evidence,
  fitted: readonly GainPair[] = [],
): Unseen {
  const sources = [...bySource(predicted, evidence)].map(([source, own]) => ({
    source,
    steps: own.length,
    held: shareHeld(own, { ...evidence, publications: evidence.publications.filter((one) => one.source !== source) }),
    heldByFitted: shareHeld(own, { ...evidence, publications: [] }),
    alarms: own.filter(({ alarm }) => alarm).length,
  }));
  const pairs = unseenPairs(predicted);
  return {
    files,
    results: resultsOf(predicted.prepared, [], predicted.predictions),
    sources,
    gains: heldGains(pairs, pairs),
    fittedGains: heldGains(fitted, pairs),
  };
}
