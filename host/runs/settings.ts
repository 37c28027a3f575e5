/** What a sweep or a search is asked for, and what it does where it is not asked for anything else. */
import { AGENT_NAMES, AGENTS, type AgentName } from '../../agents/agents.js';
import { checkParameters } from '../../agents/createAgent.js';
import { requireBounds } from '../../kernels/bound/goalBound.js';
import { Goal } from '../../kernels/objective/goal.js';
import { MAX_LIMITS, parseLimit } from '../../kernels/objective/limits.js';
import { parseObjective } from '../../kernels/objective/objective.js';
import { MAX_OBJECTIVES } from '../../kernels/reduce/layout.js';
import { CosmicError } from '../../psa/errors.js';
import type { CompiledSpace } from '../../psa/space.js';
import type { SweepRequest } from '../backends/evaluator.js';
import { rulesOf } from '../profiles/profiles.js';
import { rootsOf } from '../proof/roots.js';
import type { SearchRequest } from '../search/searchState.js';
import type { ProofSettings, RunSettings, SearchSettings, SweepSettings } from './manifest.js';
import type { OpenSpace } from './openSpace.js';
import { RANGES, ROBUST_TOP, TOP } from './ranges.js';

/** What a sweep walks and keeps; each has a default. */
export interface SweepOptions {
  /** The first design of a range, by its ordinal; 0 unless given. */
  readonly start?: bigint | undefined;
  /** Designs of the range; all behind the first unless given. */
  readonly count?: bigint | undefined;
  /** Random designs instead of a range. */
  readonly sample?: bigint | undefined;
  /** Of the sample; 0 unless given. */
  readonly seed?: number | undefined;
  /** Only the `index`-th (from 1) of so many equal parts; runs of all parts merge into the whole. */
  readonly shard?: { readonly index: number; readonly of: number } | undefined;
  /** Such as `time` or `time*cost`, the first ranks; by default the PsA's, for a front time and cost. */
  readonly objectives?: readonly string[] | undefined;
  /** Keeps the designs that none beats in all objectives. */
  readonly pareto?: boolean | undefined;
  /** Such as `memory <= 24e9`: what breaks one counts as infeasible. */
  readonly constraints?: readonly string[] | undefined;
  /** Best designs to show, 1 … 10,000; 10 unless given, {@link ROBUST_TOP} of a robust sweep. */
  readonly top?: number | undefined;
  /** Ranks them under plausible constants, too; `seed` draws these. */
  readonly robust?: boolean | undefined;
}

/** How a search goes about it; each has a default. */
export interface SearchOptions {
  /** `ga` unless given. */
  readonly agent?: AgentName | undefined;
  /** Designs to evaluate; 200,000 unless given. */
  readonly evaluations?: number | undefined;
  /** See {@link SearchRequest} for these. */
  readonly population?: number | undefined;
  readonly islands?: number | undefined;
  readonly migration?: number | undefined;
  readonly parameters?: Readonly<Record<string, number>> | undefined;
  readonly patience?: number | undefined;
  readonly target?: number | undefined;
  /** 0 … 2^32 − 1; 0 unless given. */
  readonly seed?: number | undefined;
  /** Such as `time*cost`; by default the PsA's. Several, of which the first ranks, only with the agent nsga2. */
  readonly objectives?: readonly string[] | undefined;
  /** Such as `memory <= 24e9`. */
  readonly constraints?: readonly string[] | undefined;
  /** Best designs to show, 1 … 10,000, of distinct objectives; 10 unless given, {@link ROBUST_TOP} of a robust search. */
  readonly top?: number | undefined;
  /** Ranks them under plausible constants, too; `seed` draws these. */
  readonly robust?: boolean | undefined;
  /** Ends with a proof that no design of the space is better, or with the one that is. */
  readonly prove?: boolean | undefined;
}

/** What is proved; each has a default. */
export interface ProofOptions {
  /** Such as `time*cost`; by default the PsA's. */
  readonly objective?: string | undefined;
  /** Such as `memory <= 24e9`. */
  readonly constraints?: readonly string[] | undefined;
  /** No design is more than this share better than the best that is found: 0 unless given. */
  readonly gap?: number | undefined;
  /** Of a search for a design to begin with; 20,000 unless given. */
  readonly evaluations?: number | undefined;
  /** Of that search; 0 unless given. */
  readonly seed?: number | undefined;
}

/** @throws CosmicError ARGUMENT */
function checkRanges(values: Partial<Record<keyof typeof RANGES, number | undefined>>): void {
  for (const [name, value] of Object.entries(values)) {
    const [from, to] = RANGES[name as keyof typeof RANGES];
    if (value === undefined || (Number.isSafeInteger(value) && value >= from && value <= to)) continue;
    throw new CosmicError('ARGUMENT', `${name} is ${value}`, {
      remedy: `give a whole number ${to === Number.MAX_SAFE_INTEGER ? `of at least ${from}` : `from ${from} to ${to}`}`,
    });
  }
}

interface Range {
  readonly start: bigint;
  readonly count: bigint;
}

function rangeOf({ space }: OpenSpace, { start, count, sample }: SweepOptions): Range {
  if (sample !== undefined) {
    if (start === undefined && count === undefined && sample > 0n) return { start: 0n, count: sample };
    throw new CosmicError('ARGUMENT', sample > 0n ? 'a sample stands beside a start or count' : `sample is ${sample}`, {
      remedy: 'give the size of a sample for random designs, or start and count for a range',
    });
  }
  const first = start ?? 0n;
  const most = space.count - first;
  if (first >= 0n && most > 0n && (count ?? 1n) > 0n && (count ?? 1n) <= most) {
    return { start: first, count: count ?? most };
  }
  throw new CosmicError('ARGUMENT', `the range goes beyond the space, which has ${space.count} designs`, {
    remedy: `give a start below ${space.count}, and a count of at most the designs behind it`,
  });
}

function shardOf({ start, count }: Range, { index, of } = { index: 1, of: 1 }): Range {
  if (!(Number.isInteger(index) && Number.isInteger(of) && index >= 1 && index <= of)) {
    throw new CosmicError('ARGUMENT', `the shard is ${index} of ${of}`, {
      remedy: 'give a whole number from 1 to the number of shards',
    });
  }
  const begin = (count * BigInt(index - 1)) / BigInt(of);
  const end = (count * BigInt(index)) / BigInt(of);
  if (begin < end) return { start: start + begin, count: end - begin };
  throw new CosmicError('ARGUMENT', `shard ${index}/${of} of ${count} designs is empty`, {
    remedy: `use at most ${count} shards`,
  });
}

function sweepObjectives({ psa }: OpenSpace, { objectives = [], pareto }: SweepOptions): string[] {
  if (objectives.length === 0) return pareto === true ? ['time', 'cost'] : [parseObjective(psa.objective.value).label];
  if (objectives.length > MAX_OBJECTIVES || (pareto === true && objectives.length < 2)) {
    const given = objectives.length === 1 ? 'one objective is given' : `${objectives.length} objectives are given`;
    throw new CosmicError('ARGUMENT', given, {
      remedy: `give two to ${MAX_OBJECTIVES} objectives with a Pareto front, or none for time and cost`,
    });
  }
  return objectives.map((text) => parseObjective(text).label);
}

/** @throws CosmicError CONSTRAINT_SYNTAX, ARGUMENT */
function checkLimits(constraints: readonly string[]): void {
  for (const limit of constraints) parseLimit(limit);
  if (constraints.length <= MAX_LIMITS) return;
  throw new CosmicError('ARGUMENT', `there are ${constraints.length} limits`, { remedy: `give at most ${MAX_LIMITS}` });
}

/**
 * The settings of a sweep of a space.
 *
 * @throws CosmicError ARGUMENT where they make no sense for the space, CONSTRAINT_SYNTAX
 */
export function sweepSettings(open: OpenSpace, options: SweepOptions = {}): SweepSettings {
  const { sample, seed = 0, robust = false, pareto = false, constraints = [] } = options;
  const { top = robust ? ROBUST_TOP : TOP } = options;
  checkRanges({ seed, top });
  checkLimits(constraints);
  const { start, count } = shardOf(rangeOf(open, options), options.shard);
  return {
    kind: 'sweep',
    source: sample === undefined ? { kind: 'ordinals' } : { kind: 'samples', seed },
    start: start.toString(),
    count: count.toString(),
    objectives: sweepObjectives(open, options),
    ...(constraints.length === 0 ? {} : { constraints: [...constraints] }),
    top,
    pareto,
    ...(robust ? { robust: seed } : {}),
  };
}

/** @throws CosmicError ARGUMENT where the agent is none, or looks at the first objective only */
function checkAgent(agent: AgentName, objectives: readonly string[]): void {
  if (!AGENT_NAMES.includes(agent)) {
    throw new CosmicError('ARGUMENT', `there is no agent '${agent}'`, { remedy: `use ${AGENT_NAMES.join(', ')}` });
  }
  if (objectives.length === 1 || AGENTS[agent].objectives === 'all') return;
  const ofAll = AGENT_NAMES.filter((name) => AGENTS[name].objectives === 'all');
  throw new CosmicError('ARGUMENT', `the agent ${agent} has one objective, not ${objectives.length}`, {
    remedy: `use the agent ${ofAll.join(' or ')}, or join them in one product, such as time*cost`,
  });
}

/** @throws CosmicError ARGUMENT where there are several objectives, or one without a bound */
function checkProvable(objectives: readonly string[]): void {
  if (objectives.length > 1) {
    throw new CosmicError('ARGUMENT', `a proof is about one objective, not ${objectives.length}`, {
      remedy: 'search without a proof, or join them in one product, such as time*cost',
    });
  }
  requireBounds(parseObjective(objectives[0]!));
}

/**
 * The settings of a search of a space.
 *
 * @throws CosmicError ARGUMENT, CONSTRAINT_SYNTAX
 */
export function searchSettings({ psa }: OpenSpace, options: SearchOptions = {}): SearchSettings {
  const { agent = 'ga', evaluations = 200_000, seed = 0, robust = false, constraints = [], parameters = {} } = options;
  const { population, islands, migration, patience, target, prove = false } = options;
  const { top = robust ? ROBUST_TOP : TOP } = options;
  checkRanges({ evaluations, population, islands, migration, patience, seed, top });
  const asked = options.objectives ?? [];
  const objectives = (asked.length === 0 ? [psa.objective.value] : asked).map((text) => parseObjective(text).label);
  checkAgent(agent, objectives);
  if (prove) checkProvable(objectives);
  checkParameters(agent, parameters);
  checkLimits(constraints);
  return {
    kind: 'search',
    agent,
    evaluations,
    ...(population === undefined ? {} : { population }),
    ...(islands === undefined ? {} : { islands }),
    ...(migration === undefined ? {} : { migration }),
    ...(Object.keys(parameters).length === 0 ? {} : { parameters }),
    seed,
    objective: objectives[0]!,
    moreObjectives: objectives.slice(1),
    constraints: [...constraints],
    ...(patience === undefined ? {} : { patience }),
    ...(target === undefined ? {} : { target }),
    top,
    ...(robust ? { robust: seed } : {}),
    ...(prove ? { prove } : {}),
  };
}

/** Root boxes of a proof: more would take years. */
const MOST_ROOTS = 2n ** 36n;

/** @throws CosmicError ARGUMENT where a proof could not come to an end */
function checkRoots(space: CompiledSpace): void {
  const single = rulesOf(space.workload).singleGenes(space);
  const { count } = rootsOf(space, single);
  if (count <= MOST_ROOTS) return;
  const names = single.map((g) => space.genes[g]!).sort((a, b) => b.size - a.size);
  throw new CosmicError('ARGUMENT', `a proof of ${space.name} has ${count} root boxes, more than ${MOST_ROOTS}`, {
    remedy: `fix or narrow what has one value in each box by --set, above all ${names
      .slice(0, 3)
      .map(({ name }) => name)
      .join(', ')}; or search`,
  });
}

/**
 * The settings of a proof.
 *
 * @throws CosmicError ARGUMENT where the objective has no bound, CONSTRAINT_SYNTAX
 */
export function proofSettings({ psa, space }: OpenSpace, options: ProofOptions = {}): ProofSettings {
  const { constraints = [], gap = 0, evaluations = 20_000, seed = 0 } = options;
  checkRanges({ seed });
  checkLimits(constraints);
  if (!(gap >= 0 && gap < 1)) {
    throw new CosmicError('ARGUMENT', `the gap is ${gap}`, { remedy: 'give a number from 0 to below 1, such as 0.01' });
  }
  const objective = parseObjective(options.objective ?? psa.objective.value);
  requireBounds(objective);
  checkRoots(space);
  return { kind: 'proof', objective: objective.label, constraints: [...constraints], gap, evaluations, seed };
}

/** What a run is to find, as far as settings say it. */
function wantedOf(settings: RunSettings): Pick<Goal, 'objectives' | 'limits'> {
  const read = (objectives: readonly string[], limits: readonly string[] = []) => ({
    objectives: objectives.map((text) => parseObjective(text)),
    limits: limits.map(parseLimit),
  });
  if (settings.kind === 'proof') return read([settings.objective], settings.constraints);
  if (settings.kind === 'sweep') return read(settings.objectives, settings.constraints);
  const { objective, moreObjectives = [], constraints } = settings.kind === 'search' ? settings : settings.searches[0]!;
  return read([objective, ...moreObjectives], constraints);
}

/** What a run is to find in its space. */
export function goalOf(space: CompiledSpace, settings: RunSettings): Goal {
  const { objectives, limits } = wantedOf(settings);
  return new Goal(space, objectives, limits);
}

/** The sweep that settings describe. */
export function sweepRequest(settings: SweepSettings): SweepRequest {
  const { source, start, count, top, pareto } = settings;
  const { objectives, limits } = wantedOf(settings);
  return { source, start: BigInt(start), count: BigInt(count), objectives, limits, top, pareto };
}

/** The search that settings describe. */
export function searchRequest(settings: SearchSettings): SearchRequest {
  const { objectives, limits } = wantedOf(settings);
  return { ...settings, objective: objectives[0]!, moreObjectives: objectives.slice(1), limits };
}
