/** The study as Markdown. */
import { formatDuration, formatNumber } from '../cli/format.js';
import { COMPARED_SPACES } from '../compare.js';
import { cosmicVersion } from '../runs/manifest.js';
import { paysOnlyTogether } from './interactions.js';
import { markdownTable, ratio } from './markdown.js';
import { nonObviousSection } from './nonObvious.js';
import type { StudyRequest, StudyResult } from './paper.js';
import { caseName, type StudyCase } from './paperCases.js';

/** What the paper's abstract states. */
const PAPER_GAINS = '1.50–48.41×';

export interface StudyRun {
  readonly request: StudyRequest;
  readonly results: readonly StudyResult[];
  /** Of the whole study. */
  readonly seconds: number;
  /** Backend and cores. */
  readonly backend: string;
}

const COLUMNS = [
  'model',
  'system',
  'minimised',
  'default',
  'best found',
  'over workload only',
  'over collective only',
  'over network only',
  'over the three put together',
];

function row(result: StudyResult): string[] {
  const { case: of, comparison, gains, stackedGain } = result;
  const value = (objective: number | undefined) => (objective === undefined ? 'infeasible' : formatNumber(objective));
  return [
    caseName(of),
    of.system,
    `${comparison.objective.label} (${comparison.objective.unit})`,
    value(comparison.baseline?.objectives?.[0]),
    value(comparison.optima.at(-1)!.best?.objectives[0]),
    ratio(gains.workload),
    ratio(gains.collective),
    ratio(gains.network),
    ratio(stackedGain),
  ];
}

const PARTS: Readonly<Record<StudyCase['part'], readonly string[]>> = {
  models: ['### Four models, three systems, two rewards'],
  workloads: [
    '### The ensemble and inference',
    'The ensemble averages the four models on one shared configuration; QA is prefill + 200 decoded tokens, Chat prefill +\n1,000.',
  ],
  batches: ['### Batch sizes'],
};

function partSection(results: readonly StudyResult[], part: StudyCase['part'], texts: readonly string[]): string[] {
  const own = results.filter(({ case: of }) => of.part === part);
  return own.length === 0 ? [] : [...texts, markdownTable(COLUMNS, own.map(row))];
}

function range(values: readonly (number | undefined)[]): string {
  const known = values.filter((value) => value !== undefined);
  if (known.length === 0) return '-';
  return `${ratio(Math.min(...known)).replace('×', '')}–${ratio(Math.max(...known))}`;
}

function summary(results: readonly StudyResult[]): string {
  const own = results.filter(({ case: of }) => of.part === 'models');
  const over = (stack: 'workload' | 'collective' | 'network') => own.map(({ gains }) => gains[stack]);
  const best = own.map(({ gains }) => {
    const known = Object.values(gains).filter((gain) => gain !== undefined);
    return known.length === 0 ? undefined : Math.min(...known);
  });
  return markdownTable(
    ['full stack over', 'here', 'paper'],
    [
      ['any single stack', range([...over('workload'), ...over('collective'), ...over('network')]), PAPER_GAINS],
      ['the best single stack of each case', range(best), 'not stated'],
      ['workload only', range(over('workload')), 'not stated'],
      ['collective only', range(over('collective')), 'not stated'],
      ['network only', range(over('network')), 'not stated'],
      ['the three single-stack optima put together', range(own.map(({ stackedGain }) => stackedGain)), 'not stated'],
    ],
  );
}

function astraSection(results: readonly StudyResult[]): string {
  const rows = results.flatMap((result) => {
    const check = result.best?.astra;
    if (check === undefined) return [];
    const { case: of, comparison } = result;
    return [[caseName(of), of.system, comparison.objective.label, ratio(check.defaultProfile), ratio(check.astraSim)]];
  });
  return [
    '## The same designs under the astra-sim profile',
    '',
    '[The astra-sim profile](astra-sim.md) follows ASTRA-sim and its workload generator, with all that sets them apart from',
    'physics: no recomputation, elements counted as bytes, groups as flat rings, no contention. It runs about a hundred designs',
    'a second, too slow for sweeps of millions, so the designs that the default profile found are run again in it: how many',
    "times faster a step is than the default's, by each profile.",
    '',
    markdownTable(['model', 'system', 'design minimises', 'default profile', 'astra-sim profile'], rows),
  ].join('\n');
}

/** Says so where the study was ended early. */
function progressNote({ request, results }: StudyRun): string {
  const done = new Set(results.map(({ case: of }) => of)).size;
  return done === request.cases.length ? '' : ` So far ${done} of ${request.cases.length} cases are done.`;
}

function head(run: StudyRun): string {
  const { request, results, seconds, backend } = run;
  const sweeps = results.reduce(
    (sum, { comparison }) => sum + comparison.optima.slice(0, -1).reduce((n, { evaluated }) => n + evaluated, 0n),
    0n,
  );
  const { agent, evaluations, population, seed } = request;
  return `# The paper's study

COSMIC (arXiv 2505.15020) reports that a search over the full stack finds designs ${PAPER_GAINS} better than searches over
one stack alone, and shows eight designs that are not obvious. This page asks the same questions of this simulator. It is
written by

\`\`\`text
cosmic study paper --seed ${seed} --evaluations ${formatNumber(evaluations).replaceAll(',', '')}
\`\`\`

which gives the same numbers again. Here it took ${formatDuration(seconds)} (${backend}; cosmic ${cosmicVersion}).${progressNote(run)}

For each model, system and reward, the best of \`${COMPARED_SPACES.workload}\`, \`${COMPARED_SPACES.collective}\` and
\`${COMPARED_SPACES.network}\` is proven: every design was evaluated (${formatNumber(sweeps / 2n)} designs, each under both rewards). The full
stack, \`${COMPARED_SPACES.full}\`, is searched with \`${agent}\` (${formatNumber(evaluations)} evaluations, population ${formatNumber(population)}), then improved
gene by gene until no single change helps: the best that was found, not the best there is, so its gains are lower bounds.
All start from the system's default: what a stack does not vary stays there. As in the reference, no design has a Switch in
the first of the four dimensions, where it has no price. All layers are simulated, and memory limits are applied.

Rewards: time × bandwidth (the reference's performance per bandwidth) and time × network cost, both minimised. Each of them
can be lowered without a faster step, by a smaller network.`;
}

const DIFFERENCES = `## Where these numbers differ from the reference's, and why

The ratios are not comparable one by one: the paper's result tables are not public in a form that could be checked here, and
its simulator and this one do not compute the same. What is known of its public code, and the effect:

- Its roofline compared operations per second with operations per nanosecond, so compute was always bound by memory and the
  peak rate never mattered. Here peak rates matter, and compute-bound designs gain nothing from a better network: that lowers
  gains on the 1,024-NPU system, whose 10 TFLOP/s make almost everything bound by arithmetic.
- Its memory limit was off, and its estimate had no gradients and no optimiser state. Here designs must fit: many of the
  parallelisations that it could choose are infeasible.
- It had one micro-batch per step, so a pipeline overlapped nothing. The \`cosmic-*\` spaces keep that choice: every design
  with pp > 1 has a bubble of (pp − 1)/pp, the system's default among them (pp = 4), and much of what the workload stack
  gains here is getting rid of it.
- It counted 7 links for every FullyConnected dimension; here n − 1.
- Its multi-model average was a sum; here it is an average. It simulated 4 layers; here all are.
- LIFO and FIFO were the same in its simulator, and per-dimension algorithms mattered for collectives over all NPUs alone.

What cannot be reproduced: the paper's own configurations and its ratio per case, since neither its result tables nor the
searched designs are published; its agents' convergence, since a simulation took it minutes and a 48-hour run saw about 1,300
valid designs. The claim that does carry over is qualitative, and the tables above say how far it holds here.`;

/** @returns a whole Markdown document */
export function paperReport(run: StudyRun): string {
  const { results } = run;
  const designs = results.filter(({ best }) => best?.effects.some(paysOnlyTogether));
  return `${[
    head(run),
    '## Gains of the full stack',
    summary(results),
    'A gain of 1.00× means that the single stack alone reaches what the full search found. "Put together" takes the optimum\n' +
      'of each stack, found by itself, into one design: what is left over that is due to co-design.',
    '"Infeasible": the default, or every design that was evaluated, breaks a condition. Most often that is memory, since the\n' +
      'whole local batch is one micro-batch, as in the reference; `cosmic simulate` tells for a design. Then there is no gain\n' +
      'to state.',
    ...Object.entries(PARTS).flatMap(([part, texts]) => partSection(results, part as StudyCase['part'], texts)),
    nonObviousSection(designs),
    astraSection(results),
    DIFFERENCES,
  ].join('\n\n')}\n`;
}
