import { memoryUse } from '../../display/memoryUse.js';
import { alternatives } from '../../optimum/alternatives.js';
import { operationTables } from '../../profiles/profiles.js';
import { whereExcluded } from '../../proof/whereExcluded.js';
import { readCertificate } from '../../runs/proofRuns.js';
import type { RunResult } from '../../runs/runResult.js';
import type { Winner } from '../../search/winners.js';
import { COMPARED } from '../tables.js';
import { bandwidthsChart } from './bandwidths.js';
import { breakdownChart } from './breakdown.js';
import type { Chart } from './chart.js';
import { convergenceChart } from './convergence.js';
import { feasibilityChart } from './feasibility.js';
import { histogramChart } from './histogram.js';
import { parallelChart } from './parallel.js';
import { excludedChart, proofCourseChart } from './proof.js';
import { sensitivityChart } from './sensitivity.js';
import { layerChart, stepChart } from './timeline.js';
import { type KnownDesign, tradeoffChart } from './tradeoff.js';

/** Charts by what they tell of; a run without a feasible design has those of the search alone. */
export interface ReportCharts {
  readonly search: readonly Chart[];
  readonly design: readonly Chart[];
}

function courseCharts(run: RunResult): Chart[] {
  const objective = run.goal.first;
  const courses = run.searches
    .filter(({ state }) => state.history.length > 0)
    .map(({ settings: { agent, seed }, state: { history, evaluations } }) => ({ agent, seed, history, evaluations }));
  if (courses.length > 0) return [convergenceChart(courses, objective, run.baseline?.objectives?.[0])];
  return run.feasible > 0n && run.sweeps.length > 0 ? [histogramChart(run.sweeps, objective)] : [];
}

/** The course of a proof, and where its certificate has excluded designs. */
function proofCharts({ proof, finished, path, space, goal }: RunResult): Chart[] {
  if (proof === undefined) return [];
  const { course, incumbent } = proof.state;
  const certificate = finished && incumbent !== undefined ? readCertificate(path) : undefined;
  return [
    ...proofCourseChart(course, goal.first),
    ...(certificate === undefined
      ? []
      : [excludedChart(whereExcluded(space, certificate.boxes), incumbent!.value, goal.first)]),
  ];
}

function searchCharts(run: RunResult, best: Winner, known: readonly KnownDesign[]): Chart[] {
  const { baseline } = run;
  return [
    tradeoffChart(
      known,
      { name: 'best', outputs: best.outputs },
      baseline?.objectives && { name: 'default', outputs: baseline.outputs },
      run.goal.objectives,
    ),
    ...parallelChart(run, best),
  ];
}

function designCharts(run: RunResult, best: Winner): { neighbours: KnownDesign[]; charts: Chart[] } {
  const { space, baseline, winners } = run;
  const compared = [
    ...(baseline ? [{ name: 'default', outputs: baseline.outputs }] : []),
    ...winners.slice(0, COMPARED).map(({ outputs }, i) => ({ name: `best ${i + 1}`, outputs })),
  ];
  const shown = [...(baseline ? [baseline] : []), ...winners.slice(0, COMPARED)];
  const capacities = [...new Set(shown.map((one) => memoryUse(one).capacityMB))];
  const others = alternatives(space, best.ordinal, run.goal.first);
  return {
    neighbours: others
      .filter(({ objective }) => objective !== undefined)
      .map(({ ordinal, outputs }) => ({ name: `design ${ordinal}, a neighbour of the best`, outputs })),
    charts: [
      breakdownChart(
        'timeUs',
        compared,
        'Compute of the slowest stage, communication that nothing hides, bubble, optimiser.',
      ),
      breakdownChart('memoryMB', compared, 'Of the fullest NPU; dashed: what it has.', capacities),
      stepChart(space, best.design),
      ...layerChart(operationTables(space, best.design)),
      sensitivityChart(space, best, others, run.goal.first),
      ...bandwidthsChart(space, best.design),
    ],
  };
}

export function reportCharts(run: RunResult): ReportCharts {
  const counted = run.byReason.length > 0;
  const feasibility = counted ? [feasibilityChart(run.evaluated, run.feasible, run.byReason)] : [];
  const course = [...courseCharts(run), ...proofCharts(run)];
  const best = run.winners[0];
  if (best === undefined) return { search: [...course, ...feasibility], design: [] };
  const { neighbours, charts } = designCharts(run, best);
  const kept = [...run.kept, ...run.pareto].map(({ ordinal, outputs }) => ({ name: `design ${ordinal}`, outputs }));
  const known = run.pareto.length > 0 ? kept : [...kept, ...neighbours];
  return { search: [...course, ...searchCharts(run, best, known), ...feasibility], design: charts };
}
