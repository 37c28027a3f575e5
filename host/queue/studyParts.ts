/** Parts of studies: cases, optima of spaces, searches; what they are as messages, and how a worker does them. */
import { z } from 'zod';
import { AGENT_NAMES } from '../../agents/agents.js';
import { MAX_LIMITS } from '../../kernels/objective/limits.js';
import { parseObjective } from '../../kernels/objective/objective.js';
import { compilePsa } from '../../psa/compile.js';
import { loadPsa } from '../../psa/load.js';
import { PROFILES } from '../../psa/space.js';
import type { EvaluatorOptions } from '../backends/createEvaluator.js';
import { RANGES } from '../runs/ranges.js';
import type { CompareRequest } from '../study/compare.js';
import { comparisonsToPlain } from '../study/comparisonPlain.js';
import { solverHere } from '../study/paper.js';
import { paperCases } from '../study/paperCases.js';
import { LARGEST_TABLE } from '../study/scores.js';
import { STUDY_SPACES } from '../study/spaces.js';
import { siteHere } from '../study/study.js';
import { createTrialRunner, type TrialRunner } from '../study/trialRunner.js';
import type { History } from '../study/trials.js';
import { type PartResult, readPart } from './parts.js';

/** Searches of one kind that a part has: enough for a machine's threads. */
export const SEEDS_PER_PART = 8;

const names = <T extends string>(all: readonly T[]) => z.enum([...new Set(all)] as [T, ...T[]]);
const within = ([least, most]: readonly [number, number]) => z.int().min(least).max(most);

const objective = z.string().max(200);
const space = names(STUDY_SPACES.map(({ name }) => name));

/** Systems, models and spaces are those of the package: a part names no file. */
const partSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('case'),
    system: names(paperCases().map(({ system }) => system)),
    model: names(paperCases().map(({ model }) => model)),
    profile: z.enum(PROFILES),
    set: z.array(z.string().max(1000)).max(100),
    objectives: z.array(objective).min(1).max(MAX_LIMITS),
    agent: z.enum(AGENT_NAMES),
    evaluations: within(RANGES.evaluations),
    population: within(RANGES.population),
    seed: within(RANGES.seed),
  }),
  z.strictObject({ kind: z.literal('optimum'), space, objective }),
  z.strictObject({
    kind: z.literal('trials'),
    space,
    objective,
    /** Its value: searches end there. */
    optimum: z.number(),
    agent: z.enum(AGENT_NAMES),
    budget: within(RANGES.evaluations),
    parameters: z.record(z.string().max(100), z.number()).optional(),
    seeds: z.array(within(RANGES.seed)).min(1).max(SEEDS_PER_PART),
  }),
]);

/** A part, as its message has it: plain data. */
export type StudyPart = z.input<typeof partSchema>;
type Case = Extract<StudyPart, { kind: 'case' }>;
type Certify = Extract<StudyPart, { kind: 'optimum' }>;
type Trials = z.output<typeof partSchema> & { kind: 'trials' };

/** A case of the paper's study. */
export function casePart({ objectives, profile = 'default', ...request }: CompareRequest): StudyPart {
  const { system, model, set, agent, evaluations, population, seed } = request;
  const labels = objectives.map(({ label }) => label);
  const search = { agent, evaluations, population, seed };
  const part = { kind: 'case', system, model, profile, set: [...set], objectives: labels, ...search };
  return part as Case;
}

/** Histories of searches, in the order of their seeds. */
export const historiesSchema = z.array(z.array(z.tuple([z.number(), z.number()])));

/** Does parts of studies, one at a time: each takes all threads. */
export class StudyRunner {
  /** The threads that searched last: many parts are about one space. */
  private last: { readonly key: string; readonly trials: TrialRunner } | undefined;

  constructor(private readonly options: EvaluatorOptions) {}

  /** @throws CosmicError QUEUE where the text is no part of a study, and what the work throws */
  async run(text: string): Promise<PartResult> {
    const part = readPart(partSchema, text);
    switch (part.kind) {
      case 'case':
        return this.compare(part);
      case 'optimum':
        return this.certify(part);
      case 'trials':
        return this.search(part);
    }
  }

  private async compare({ kind: _, objectives, ...request }: Case): Promise<PartResult> {
    const goals = objectives.map((text) => parseObjective(text));
    const comparisons = await solverHere(this.options).solve({ ...request, objectives: goals }, '');
    const evaluated = comparisons.flatMap(({ optima }) => optima.map((optimum) => Number(optimum.evaluated)));
    return {
      bytes: JSON.stringify(comparisonsToPlain(comparisons)),
      count: evaluated.reduce((sum, designs) => sum + designs, 0),
    };
  }

  private async certify({ space: name, objective: goal }: Certify): Promise<PartResult> {
    const of = STUDY_SPACES.find((one) => one.name === name)!;
    const subject = await siteHere(this.options).subject(of, { objective: parseObjective(goal) }, {});
    return { bytes: JSON.stringify(subject!.optimum), count: Number(subject!.optimum.designs) };
  }

  private async search({ space: name, objective: goal, optimum, seeds, ...rest }: Trials): Promise<PartResult> {
    const { agent, budget, parameters } = rest;
    const runner = await this.trialsOf(name, goal, optimum);
    const histories = new Map<number, History>();
    const trials = seeds.map((seed) => ({ agent, budget, parameters, seed }));
    await runner.run(trials, ({ seed }, history) => histories.set(seed, history));
    return { bytes: JSON.stringify(seeds.map((seed) => histories.get(seed))), count: budget * seeds.length };
  }

  private async trialsOf(name: string, goal: string, optimum: number): Promise<TrialRunner> {
    const key = JSON.stringify([name, goal, optimum]);
    if (this.last?.key === key) return this.last.trials;
    await this.close();
    const { preset, set } = STUDY_SPACES.find((one) => one.name === name)!;
    const space = compilePsa(loadPsa(preset, { set: [...set] }));
    const table = space.count <= LARGEST_TABLE ? 'none' : undefined;
    const trials = createTrialRunner({ space, objective: goal, optimum, table }, this.options.threads);
    this.last = { key, trials };
    return trials;
  }

  async close(): Promise<void> {
    await this.last?.trials.close();
    this.last = undefined;
  }
}
