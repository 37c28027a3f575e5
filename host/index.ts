/** The library: load or build a PsA, compile it, evaluate, sweep and search its designs. */
export type { Agent, AgentDefinition, AgentGene, AgentOptions, Evaluated, PlainData } from '../agents/agent.js';
export { AGENT_NAMES, AGENTS, type AgentName } from '../agents/agents.js';
export { MixedCma, type MixedSpace, type MixedStart, type Samples } from '../agents/algorithms/cmaes/mixedCma.js';
export { RestartedCma } from '../agents/algorithms/cmaes/restarts.js';
export { GENETIC_DEFAULTS, GeneticAgent, type GeneticParameters } from '../agents/algorithms/ga.js';
export { RandomAgent } from '../agents/algorithms/random.js';
export { createAgent, createIslands } from '../agents/createAgent.js';
export type { ParameterDeclaration, ParameterDeclarations } from '../agents/shared/parameters.js';
export {
  type ExplainedGraph as AstraGraph,
  explain as explainAstra,
  type Operation as AstraOperation,
} from '../kernels/astra/explain.js';
export { type ExplainedGraph, explain } from '../kernels/explain.js';
export { Goal } from '../kernels/objective/goal.js';
export { type Limit, parseLimit } from '../kernels/objective/limits.js';
export { type Objective, parseObjective } from '../kernels/objective/objective.js';
export {
  OUTPUT,
  OUTPUT_COUNT,
  OUTPUTS,
  type OutputDefinition,
  type OutputName,
  QUANTITIES,
  type QuantityDefinition,
  reasonsOf,
  STATUS,
  STATUSES,
  type StatusName,
} from '../kernels/outputs.js';
export { type Candidate, mergeParts, type SweepPart } from '../kernels/reduce/reduce.js';
export type { Simulator } from '../kernels/simulate.js';
export * from '../psa/index.js';
export { createEvaluator, type EvaluatorOptions } from './backends/createEvaluator.js';
export { type DoctorReport, examine } from './backends/doctor.js';
export type { Batch, Evaluator, Results, SweepControl, SweepRequest } from './backends/evaluator.js';
export { type MachineTuning, tuneMachine } from './backends/measureRates.js';
export type { Job } from './backends/plan.js';
export type { Rates } from './backends/rates.js';
export type { Epoch, EvolutionRequest, GenerationTally, ResidentIslands } from './backends/residentIslands.js';
export { tuneAdapter } from './backends/webgpu/tuner.js';
export type { TuningRecord } from './backends/webgpu/tuning.js';
export { type CalibrateRequest, type CalibrationResult, calibrate } from './calibrate/calibrate.js';
export type { CalibratedConstant, Calibration } from './calibrate/evidence.js';
export { machineFileText } from './calibrate/machineFile.js';
export {
  type CheckedConfiguration,
  type CheckedStep,
  checkConfiguration,
  runs,
} from './configurations/checkConfiguration.js';
export { type ExportedConfiguration, exportConfiguration } from './configurations/exportConfiguration.js';
export { type FasterConfiguration, fasterConfigurations } from './configurations/faster.js';
export { FRAMEWORK_NAMES, frameworkOf, openConfiguration } from './configurations/frameworks.js';
export { megatronArguments } from './configurations/megatron/megatron.js';
export { type Configuration, type ReadOptions, readConfiguration } from './configurations/readConfiguration.js';
export type { Violation } from './configurations/rule.js';
export { type Baseline, baselineOf } from './designs/baseline.js';
export { type DesignRow, designRow } from './designs/designRow.js';
export { designEvaluator, type EvaluatedDesign, namedOutputs } from './designs/designs.js';
export { type TimeInterval, timeInterval } from './doubt/interval.js';
export { type RobustDesign, type Robustness, robustness } from './doubt/robust.js';
export { type Sureness, surenessOf } from './doubt/sureness.js';
export { astraFiles, astraTimeNs } from './export/astraFiles.js';
export { type ImportedSystem, type ImportOptions, importAstra } from './export/astraImport.js';
export { type AstraExport, astraExport } from './export/astraRecord.js';
export { traceOf } from './export/trace.js';
export { type Alternative, alternatives } from './optimum/alternatives.js';
export { type NearMiss, nearestToFeasible } from './optimum/nearest.js';
export { descend, type Neighbour, neighbourhood, withoutIdleChanges } from './optimum/neighbourhood.js';
export { refine } from './optimum/refine.js';
export { type CollectiveCall, type CollectivePhase, type CollectiveRun, openSystem } from './profiles/collectiveRun.js';
export type { GraphTables } from './profiles/operationTables.js';
export { createSimulator, operationTables, timeCollective } from './profiles/profiles.js';
export { type Check, checkCertificate } from './proof/check.js';
export { type Explanation, explainDesign } from './report/explanation.js';
export { reportPage } from './report/report.js';
export { advanceRun, type RunControl } from './runs/advanceRun.js';
export type { Findings, RunProof, RunSearch, RunSweep } from './runs/findings.js';
export type { Manifest, ProofSettings, SearchSettings, SweepSettings } from './runs/manifest.js';
export { mergeRuns } from './runs/mergeRuns.js';
export { type OpenSpace, openSpace } from './runs/openSpace.js';
export type { RunProgress } from './runs/progress.js';
export { type ReadCertificate, readCertificate } from './runs/proofRuns.js';
export { createRun, openRun, type Run } from './runs/run.js';
export { type RunResult, readRun } from './runs/runResult.js';
export {
  type ProofOptions,
  proofSettings,
  type SearchOptions,
  type SweepOptions,
  searchSettings,
  sweepSettings,
} from './runs/settings.js';
export { search } from './search/search.js';
export type { Generation, SearchControl, SearchRequest, SearchState, Tier } from './search/searchState.js';
export { frontWinners, searchWinners, type Winner, winnerEvaluator } from './search/winners.js';
export {
  COMPARED_SPACES,
  type CompareControl,
  type CompareRequest,
  type Comparison,
  compareStacks,
  gainOf,
  type StackOptimum,
} from './study/compare.js';
export { STUDY_SPACES } from './study/spaces.js';
export { type SpaceStudy, type StudyRequest, studyAgents } from './study/study.js';
export { type AgentValidation, validateAgents } from './validate/agents.js';
export { type BackendValidation, type ValidationRequest, validateBackends } from './validate/backends.js';
export type { CaseFailure, CaseGroup, CaseResults } from './validate/cases.js';
export { validateCollectives } from './validate/collectives.js';
export { type MeasuredRequest, type MeasuredResults, validateMeasured } from './validate/measured/measured.js';
export { validateMemory } from './validate/measured/memory.js';
export { validateWorkloads, type WorkloadResults } from './validate/workloads.js';
