/** The library: load or build a PsA, compile it, evaluate, sweep and search its designs. */
export {
  AGENT_NAMES,
  type Agent,
  type AgentGene,
  type AgentName,
  type AgentOptions,
  type Evaluated,
  type PlainData,
} from '../agents/agent.js';
export { MixedCma, type MixedSpace, type MixedStart, type Samples } from '../agents/cma/mixedCma.js';
export { RestartedCma } from '../agents/cma/restarts.js';
export { GENETIC_DEFAULTS, GeneticAgent, type GeneticParameters } from '../agents/ga.js';
export { AGENT_PARAMETERS, createAgent, createIslands } from '../agents/index.js';
export type { ParameterDeclaration, ParameterDeclarations } from '../agents/parameters.js';
export { RandomAgent } from '../agents/random.js';
export { type ExplainedGraph, explain } from '../kernels/explain.js';
export { type AstraGraph, type AstraOperation, explainAstra } from '../kernels/explainAstra.js';
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
export {
  COMPARED_SPACES,
  type CompareControl,
  type CompareRequest,
  type Comparison,
  compareStacks,
  gainOf,
  type StackOptimum,
} from './compare.js';
export { createEvaluator, type EvaluatorOptions } from './createEvaluator.js';
export { designEvaluator, type EvaluatedDesign, namedOutputs } from './designs.js';
export { type DoctorReport, examine } from './doctor.js';
export type { Batch, Evaluator, Results, SweepControl, SweepRequest } from './evaluator.js';
export type { Epoch, EvolutionRequest, GenerationReport, ResidentIslands } from './evolution.js';
export { astraFiles, astraTimeNs } from './export/astraFiles.js';
export { type ImportedSystem, type ImportOptions, importAstra } from './export/astraImport.js';
export { type AstraExport, astraExport } from './export/astraRecord.js';
export { megatronArguments } from './export/megatron.js';
export { type Limit, parseLimit } from './limits.js';
export { descend, type Neighbour, neighbourhood, withoutIdleChanges } from './neighbourhood.js';
export { refine } from './refine.js';
export { type Explanation, explainDesign } from './report/explanation.js';
export { operationTables } from './report/operations.js';
export type { GraphTables } from './report/operationTables.js';
export { reportPage } from './report/report.js';
export { advanceRun, type RunControl, type RunProgress } from './runs/advanceRun.js';
export type { Findings, RunSearch, RunSweep } from './runs/findings.js';
export type { Manifest, SearchSettings, SweepSettings } from './runs/manifest.js';
export { mergeRuns } from './runs/mergeRuns.js';
export { type OpenSpace, openSpace } from './runs/openSpace.js';
export { createRun, openRun, type Run } from './runs/run.js';
export { type RunResult, readRun } from './runs/runResult.js';
export { type SearchOptions, type SweepOptions, searchSettings, sweepSettings } from './runs/settings.js';
export { search } from './search.js';
export type { Generation, SearchControl, SearchRequest, SearchState, Tier } from './searchState.js';
export { STUDY_SPACES } from './study/spaces.js';
export { type SpaceStudy, type StudyRequest, studyAgents } from './study/study.js';
export { traceOf } from './trace.js';
export { type AgentValidation, validateAgents } from './validate/agents.js';
export { tuneAdapter } from './webgpu/tuner.js';
export type { TuningRecord } from './webgpu/tuning.js';
export { frontWinners, searchWinners, type Winner, winnerEvaluator } from './winners.js';
