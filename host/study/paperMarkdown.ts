/** The study as Markdown. */
import type { Profile } from '../../psa/space.js';
import { formatDuration, formatNumber } from '../display/format.js';
import { markdownTable } from '../display/markdown.js';
import { RULES } from '../profiles/profiles.js';
import { cosmicVersion } from '../runs/version.js';
import { COMPARED_SPACES } from './compare.js';
import { disagreementSection } from './disagreement.js';
import { nonObviousSection } from './nonObvious.js';
import { ratio } from './numbers.js';
import type { Refusal, StudyRequest, StudyResult } from './paper.js';
import { caseName, REWARDS, type StudyCase } from './paperCases.js';

/** What the paper's abstract states. */
const PAPER_GAINS = '1.50–48.41×';

export interface StudyRun {
  readonly request: StudyRequest;
  readonly results: readonly StudyResult[];
  readonly refusals: readonly Refusal[];
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
  'best',
  'over workload only',
  'over collective only',
  'over network only',
  'over the three put together',
];

/** One case and reward: in each cell the profiles beside one another, a dash where one does not cover it. */
function row(own: readonly StudyResult[], profiles: readonly Profile[]): string[] {
  const { case: of, comparison } = own[0]!;
  const cell = (show: (result: StudyResult) => string) =>
    profiles
      .map((profile) => {
        const result = own.find((one) => one.profile === profile);
        return result === undefined ? '-' : show(result);
      })
      .join(' · ');
  const value = (objective: number | undefined) => (objective === undefined ? 'infeasible' : formatNumber(objective));
  return [
    caseName(of),
    of.system,
    `${comparison.objective.label} (${comparison.objective.unit})`,
    cell((result) => value(result.comparison.baseline?.objectives?.[0])),
    cell((result) => value(result.comparison.optima.at(-1)!.best?.objectives[0])),
    cell(({ gains }) => ratio(gains.workload)),
    cell(({ gains }) => ratio(gains.collective)),
    cell(({ gains }) => ratio(gains.network)),
    cell(({ stackedGain }) => ratio(stackedGain)),
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

function partSection(run: StudyRun, part: StudyCase['part'], texts: readonly string[]): string[] {
  const { profiles } = run.request;
  const own = run.results.filter(({ case: of }) => of.part === part);
  if (own.length === 0) return [];
  const keys = [...new Set(own.map(keyOf))];
  const rows = keys.map((key) =>
    row(
      own.filter((result) => keyOf(result) === key),
      profiles,
    ),
  );
  return [...texts, markdownTable(COLUMNS, rows)];
}

/** Of a case and reward. */
function keyOf({ case: of, comparison }: StudyResult): string {
  return [caseName(of), of.system, comparison.objective.label].join();
}

function range(values: readonly (number | undefined)[]): string {
  const known = values.filter((value) => value !== undefined);
  if (known.length === 0) return '-';
  return `${ratio(Math.min(...known)).replace('×', '')}–${ratio(Math.max(...known))}`;
}

function summary({ request, results }: StudyRun): string {
  const own = (profile: Profile) =>
    results.filter((result) => result.profile === profile && result.case.part === 'models');
  const over = (stack: 'workload' | 'collective' | 'network') => (result: StudyResult) => [result.gains[stack]];
  const all = ({ gains }: StudyResult) => Object.values(gains);
  const best = (result: StudyResult) => {
    const known = all(result).filter((gain) => gain !== undefined);
    return known.length === 0 ? [] : [Math.min(...known)];
  };
  const line = (
    name: string,
    gains: (result: StudyResult) => readonly (number | undefined)[],
    paper = 'not stated',
  ) => [name, ...request.profiles.map((profile) => range(own(profile).flatMap(gains))), paper];
  return markdownTable(
    ['full stack over', ...request.profiles.map((profile) => `here, ${profile} profile`), 'paper'],
    [
      line('any single stack', all, PAPER_GAINS),
      line('the best single stack of each case', best),
      line('workload only', over('workload')),
      line('collective only', over('collective')),
      line('network only', over('network')),
      line('the three single-stack optima put together', ({ stackedGain }) => [stackedGain]),
    ],
  );
}

/** @returns nothing where the profiles cover all cases */
function refusalSection({ refusals }: StudyRun): string[] {
  if (refusals.length === 0) return [];
  const rows = refusals.map(({ case: of, profile, reason }) => [caseName(of), of.system, profile, reason]);
  return [
    '### What a profile does not cover',
    'Such cells are dashes above.',
    markdownTable(['model', 'system', 'profile', 'why'], rows),
  ];
}

/** Says so where the study was ended early. */
function progressNote({ request, results, refusals }: StudyRun): string {
  const done = new Set([...results, ...refusals].map(({ case: of }) => of)).size;
  return done === request.cases.length ? '' : ` So far ${done} of ${request.cases.length} cases are done.`;
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);

/** How the optima of a profile were proven, and what that took. */
function proof(results: readonly StudyResult[], profile: Profile): string {
  const comparisons = results.filter((result) => result.profile === profile).map(({ comparison }) => comparison);
  const proven = comparisons.flatMap(({ optima }) => optima).filter(({ method }) => method !== 'search');
  const designs = proven.reduce((total, optimum) => total + optimum.designs, 0n) / BigInt(REWARDS.length);
  const evaluated = proven.reduce((total, optimum) => total + optimum.evaluated, 0n);
  const covered = `${formatNumber(designs)} designs, each under both rewards`;
  const full = comparisons.map(({ optima }) => optima.at(-1)!).filter(({ method }) => method === 'proof');
  if (full.length === 0) {
    return `the single stacks, by a lower bound of each design's time: ${formatNumber(evaluated)} are left to evaluate, all others are no better (${covered})`;
  }
  const seconds = full.map((optimum) => optimum.seconds).sort((a, b) => a - b);
  const boxes = sum(proven.map((optimum) => optimum.boxes ?? 0));
  return `all four, by branch and bound over boxes of designs ([proof.md](proof.md)): ${formatNumber(boxes)} bounds and ${formatNumber(evaluated)} evaluations settle ${covered}; a full stack took ${formatNumber(seconds[0]!, 2)} to ${formatNumber(seconds.at(-1)!, 2)} s with the search that it begins with, all proofs together ${formatDuration(sum(proven.map((optimum) => optimum.seconds)))}`;
}

/** How the full stack is searched where it is not proven. */
function searchNote({ request, results }: StudyRun): string {
  const { agent, evaluations, population, profiles } = request;
  const isSearched = ({ profile, comparison }: StudyResult, name: Profile) =>
    profile === name && comparison.optima.at(-1)!.method === 'search';
  const searched = profiles.filter((name) => results.some((result) => isSearched(result, name)));
  if (searched.length === 0) return '';
  const budgets = [...new Set(searched.map((name) => `${formatNumber(evaluations[name])} evaluations`))];
  return `In the ${searched.join(' and ')} profile the full stack is searched with \`${agent}\` (${budgets.join(', ')}, population
${formatNumber(population)}); what it finds, and each single-stack optimum, is improved gene by gene until no single change helps, and the
best of these is taken: the best that was found, not the best there is, so gains are lower bounds there. `;
}

/** The command that writes this page. */
function commandOf({ cases: _, profiles, evaluations, seed }: StudyRequest): string {
  const profile = profiles.length === 1 ? ` --profile ${profiles[0]}` : '';
  const budgets = new Set(profiles.map((name) => evaluations[name]));
  const usual = profiles.every((name) => evaluations[name] === RULES[name].fullStackEvaluations);
  const budget = usual || budgets.size !== 1 ? '' : ` --evaluations ${[...budgets][0]}`;
  return `cosmic study paper${profile} --seed ${seed}${budget}`;
}

function head(run: StudyRun): string {
  const { request, results, seconds, backend } = run;
  const { profiles } = request;
  return `# The paper's study

COSMIC (arXiv 2505.15020) reports that a search over the full stack finds designs ${PAPER_GAINS} better than searches over
one stack alone, and shows eight designs that are not obvious. This page asks the same questions of this simulator. It is
written by

\`\`\`text
${commandOf(request)}
\`\`\`

which gives the same numbers again. Here it took ${formatDuration(seconds)} (${backend}; cosmic ${cosmicVersion}).${progressNote(run)}

Whose rules: ${profiles.map((profile) => RULES[profile].description).join('; ')}.

For each model, system and reward, the best of \`${COMPARED_SPACES.workload}\`, \`${COMPARED_SPACES.collective}\`
and \`${COMPARED_SPACES.network}\` is proven, and that of \`${COMPARED_SPACES.full}\` where boxes of designs have bounds; there gains are exact:

${profiles.map((profile) => `- ${profile} profile: ${proof(results, profile)}.`).join('\n')}

${searchNote(run)}All start from the system's default: what a stack does not vary stays there. As in the reference,
no design has a Switch in the first of the four dimensions, where it has no price. All layers are simulated. Memory limits are
applied in the default profile; the programs that the astra-sim profile follows have none.

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
export function paperMarkdown(run: StudyRun): string {
  const { results, request } = run;
  const sides = request.profiles.length > 1 ? ` In each cell: ${request.profiles.join(' profile · ')} profile.` : '';
  return `${[
    head(run),
    '## Gains of the full stack',
    summary(run),
    'A gain of 1.00× means that the single stack alone reaches what the full stack does. "Put together" takes the optimum\n' +
      'of each stack, found by itself, into one design: what is left over that is due to co-design.',
    '"Infeasible": the default, or every design that was evaluated, breaks a condition. In the default profile that is most\n' +
      'often memory, since the whole local batch is one micro-batch, as in the reference; `cosmic simulate` tells for a design.\n' +
      `Then there is no gain to state.${sides}`,
    ...Object.entries(PARTS).flatMap(([part, texts]) => partSection(run, part as StudyCase['part'], texts)),
    ...refusalSection(run),
    nonObviousSection(results, request.profiles),
    ...disagreementSection(results),
    DIFFERENCES,
  ].join('\n\n')}\n`;
}
