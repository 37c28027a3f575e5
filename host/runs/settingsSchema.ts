/** What the settings of runs may be, whoever wrote them. */
import { z } from 'zod';
import { AGENT_NAMES, AGENTS } from '../../agents/agents.js';
import { checkParameters } from '../../agents/createAgent.js';
import { MAX_LIMITS, parseLimit } from '../../kernels/objective/limits.js';
import { parseObjective } from '../../kernels/objective/objective.js';
import { MAX_OBJECTIVES } from '../../kernels/reduce/layout.js';
import { BACKENDS } from '../backends/evaluator.js';
import { RANGES } from './ranges.js';

/** Big whole numbers in decimal digits; no space has more designs than these can count. */
export const wholeNumber = z.string().regex(/^\d{1,1000}$/);

const within = (name: keyof typeof RANGES) => z.int().min(RANGES[name][0]).max(RANGES[name][1]);

/** A text that something reads; what it says where it cannot is the issue. */
function readBy(read: (text: string) => unknown) {
  return z.string().superRefine((text, { addIssue }) => complain(() => read(text), addIssue));
}

function complain(work: () => unknown, addIssue: (message: string) => void): void {
  try {
    work();
  } catch (error) {
    addIssue((error as Error).message);
  }
}

const objective = readBy(parseObjective);

/** Limits on outputs, such as `memory <= 24e9`. */
const constraints = z.array(readBy(parseLimit)).max(MAX_LIMITS);

/** Seed of the sets of constants under which the best designs are ranked again. */
const robust = within('seed');

export const sweepSchema = z
  .strictObject({
    kind: z.literal('sweep'),
    source: z.discriminatedUnion('kind', [
      z.strictObject({ kind: z.literal('ordinals') }),
      z.strictObject({ kind: z.literal('samples'), seed: within('seed') }),
    ]),
    start: wholeNumber,
    count: wholeNumber.refine((digits) => /[^0]/.test(digits), 'there is nothing to sweep'),
    objectives: z.array(objective).min(1).max(MAX_OBJECTIVES),
    constraints: constraints.optional(),
    top: within('top'),
    pareto: z.boolean(),
    robust: robust.optional(),
  })
  .refine(({ pareto, objectives }) => !pareto || objectives.length > 1, 'a front has at least two objectives');

const search = z.strictObject({
  kind: z.literal('search'),
  agent: z.enum(AGENT_NAMES),
  evaluations: within('evaluations'),
  /** Without it, what suits the agent. */
  population: within('population').optional(),
  islands: within('islands').optional(),
  /** Generations between migrations of islands. */
  migration: within('migration').optional(),
  /** The agent's own, where they are not its defaults. */
  parameters: z.record(z.string(), z.number()).optional(),
  seed: within('seed'),
  objective,
  moreObjectives: z.array(objective).optional(),
  constraints: constraints.optional(),
  patience: within('patience').optional(),
  target: z.number().optional(),
  top: within('top'),
  robust: robust.optional(),
});

type Search = z.infer<typeof search>;

/** Is the agent one that can have such parameters and objectives? */
function suitsAgent({ agent, parameters = {}, moreObjectives = [] }: Search, { addIssue }: z.RefinementCtx): void {
  complain(() => checkParameters(agent, parameters), addIssue);
  if (moreObjectives.length > 0 && AGENTS[agent].objectives === 'first') addIssue(`${agent} has one objective`);
}

/** A search by itself; it may end with a proof. */
export const searchSchema = search.extend({ prove: z.literal(true).optional() }).superRefine(suitsAgent);

export const proofSchema = z.strictObject({
  kind: z.literal('proof'),
  objective,
  constraints: z.array(readBy(parseLimit)).max(MAX_LIMITS),
  /** No design is more than this share better than the best that was found. */
  gap: z.number().min(0).max(1),
  /** Of a search for a design to begin with, by the agent ga; 0: none. */
  evaluations: z.int().min(0),
  seed: within('seed'),
});

/** What evaluates a run: a backend, after the CPU where a sweep begins there. */
export const backendRecord = z.strictObject({
  name: z.enum(BACKENDS),
  description: z.string(),
  /** Designs that the CPU evaluates first, where those behind them are another backend's. */
  cpuFirst: wholeNumber.optional(),
});

function goalText({ objective, moreObjectives = [], constraints = [] }: Search): string {
  return JSON.stringify([objective, moreObjectives, constraints]);
}

/** Searches of one space and goal, joined by merge; each with the backend that it ran on, unless that is the run's. */
export const searchesSchema = z.strictObject({
  kind: z.literal('searches'),
  searches: z
    .array(search.extend({ backend: backendRecord.optional() }).superRefine(suitsAgent))
    .min(2)
    .refine((searches) => new Set(searches.map(goalText)).size === 1, 'the searches have several goals'),
});
