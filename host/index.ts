/** The library: load or build a PsA, compile it, evaluate, sweep and search its designs. */
export type { Agent, AgentGene, AgentName, Evaluated, PlainData } from '../agents/agent.js';
export { GENETIC_DEFAULTS, GeneticAgent, type GeneticParameters } from '../agents/ga.js';
export { createAgent } from '../agents/index.js';
export { RandomAgent } from '../agents/random.js';
export { type ExplainedGraph, explain } from '../kernels/explain.js';
export { type Objective, parseObjective } from '../kernels/objective/objective.js';
export {
  OUTPUT,
  OUTPUT_COUNT,
  OUTPUTS,
  type OutputDefinition,
  type OutputName,
  reasonsOf,
  STATUS,
  STATUSES,
  type StatusName,
} from '../kernels/outputs.js';
export { type Candidate, mergeParts, type SweepPart } from '../kernels/reduce/reduce.js';
export { createSimulator, type Simulator } from '../kernels/simulate.js';
export * from '../psa/index.js';
export { type Baseline, baselineOf } from './baseline.js';
export { createEvaluator, type EvaluatorOptions } from './createEvaluator.js';
export { designEvaluator, type EvaluatedDesign, namedOutputs } from './designs.js';
export { type DoctorReport, examine } from './doctor.js';
export type { Batch, Evaluator, Results, SweepControl, SweepRequest } from './evaluator.js';
export { refine } from './refine.js';
export {
  type Generation,
  type SearchControl,
  type SearchRequest,
  type SearchState,
  search,
  type Tier,
} from './search.js';
export { traceOf } from './trace.js';
export { searchWinners, type Winner } from './winners.js';
