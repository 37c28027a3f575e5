/** A measured run, ready to be predicted: again and again while constants are fitted. */

import { OUTPUT, OUTPUT_COUNT, reasonsOf, STATUS } from '../../../kernels/outputs.js';
import { createSimulator, type Simulator } from '../../../kernels/simulate.js';
import { PIPELINE_SCHEDULE, RECOMPUTATION } from '../../../kernels/workload/graph.js';
import { divisors } from '../../../kernels/workload/routing.js';
import { compileDesign, loadDefault } from '../../../psa/defaults.js';
import type { Place } from '../../../psa/document.js';
import { CosmicError } from '../../../psa/errors.js';
import { applyOverrides } from '../../../psa/overrides.js';
import { SLOT } from '../../../psa/parameters.js';
import type { Psa } from '../../../psa/psa.js';
import { loadSoftware, type Unsaid } from '../../../psa/software.js';
import type { Case } from '../cases.js';
import type { CsvRow } from '../csv.js';
import { hasUnknownShape } from './hybrids.js';
import { assumptionsOf, checkOverrides, overridesOf } from './overrides.js';
import { hidesRecomputation, recomputationOf } from './recomputed.js';
import { refuse, type TrainingRow } from './row.js';
import type { Installation } from './runs.js';

const SLOT_MICRO_BATCH = SLOT.workload.microBatch;
const SLOT_RECOMPUTATION = SLOT.workload.recomputation;
const SLOT_RECOMPUTED_LAYERS = SLOT.workload.recomputedLayers;
const SLOT_VIRTUAL_STAGES = SLOT.workload.virtualStages;
const SLOT_PIPELINE_SCHEDULE = SLOT.workload.pipelineSchedule;

/** Micro-batches that are tried where a row leaves it open. */
const MICRO_BATCHES = [1, 2, 4, 8];

/** What a row may leave open. */
interface Setting {
  readonly microBatch: number;
  readonly recompute: keyof typeof RECOMPUTATION;
  /** What its framework recomputes at a small loss of time, too. */
  readonly modules?: true;
  /** Of each stage, with full recomputation; all unless given. */
  readonly recomputedLayers?: number;
  readonly virtualStages: number;
}

export interface Prediction {
  /** Time of a step, s; undefined where no setting can run. */
  readonly seconds: number | undefined;
  /** Bit mask of STATUS. */
  readonly status: number;
  readonly setting: Setting;
  /** Allocated, and what a caching allocator reserves. */
  readonly memoryMB: number;
  readonly reservedMB: number;
}

/** A row that has a model, a design and a time. */
export type RunRow = TrainingRow & { readonly iteration_s: number; readonly layers: number };

/** A row and its prediction. */
export interface RowCase extends Case {
  readonly expected: number;
  readonly row: RunRow;
}

/** A row with the designs that it may be. */
export interface PreparedRow {
  readonly row: RunRow;
  /** Preset that stands for its machine, and of the framework. */
  readonly system: string;
  readonly software: string | undefined;
  readonly assumptions: readonly string[];
  /** Did the row leave anything open? */
  readonly open: boolean;
  readonly settings: readonly Setting[];
  /** Slots that a setting with modules switches on. */
  readonly cheapRecomputation: readonly number[];
  readonly design: Float64Array;
  /** Of its network. */
  readonly dimensions: number;
  readonly simulate: Simulator;
}

const NOTHING_KNOWN: Unsaid = { mixtureMicroBatches: undefined, cheapRecomputation: [] };

/** What rows of a machine and a framework are taken from. */
export interface Base {
  /** The default design. */
  readonly psa: Psa;
  readonly unsaid: Unsaid;
}

/** Default designs by machine and framework: rows differ from a few of them. */
export class Systems {
  private readonly loaded = new Map<string, Base>();

  /**
   * @param set overrides for every row, as `--set` takes them
   * @param own system and software of all rows, presets or files, instead of what their columns name
   */
  constructor(
    readonly set: readonly string[] = [],
    readonly own: { readonly system?: string | undefined; readonly software?: string | undefined } = {},
  ) {}

  /** @throws CosmicError where there is no such preset or file, or the overrides do not fit it */
  get({ system, software }: Pick<Installation, 'system' | 'software'>): Base {
    const key = `${system} ${software}`;
    const known = this.loaded.get(key);
    if (known !== undefined) return known;
    const psa = loadDefault(system, 'gpt3-175b', [], undefined, software);
    applyOverrides(psa, this.set);
    const base = { psa, unsaid: software === undefined ? NOTHING_KNOWN : loadSoftware(software).unsaid };
    this.loaded.set(key, base);
    return base;
  }
}

type Recomputation = Pick<Setting, 'recompute' | 'modules' | 'recomputedLayers'>;

/** Of a share that could be any, half is the mean; all where that is too much for the memory. */
function someLayers({ layers, pp }: RunRow): Recomputation[] {
  return [{ recompute: 'full', recomputedLayers: Math.ceil(layers / pp / 2) }, { recompute: 'full' }];
}

function recomputationsOf(row: RunRow, { cheapRecomputation }: Unsaid): Recomputation[] {
  if (hidesRecomputation(row)) return someLayers(row);
  const { recompute } = row;
  if (recompute !== undefined) return [{ recompute }];
  // `selective` is modules where they are known, else the core of attention, of which fused attention keeps nothing.
  const selective: Recomputation =
    cheapRecomputation.length > 0 ? { recompute: 'selective', modules: true } : { recompute: 'selective' };
  return [{ recompute: 'none' }, selective, { recompute: 'full' }];
}

function microBatchesOf({ micro_batch, global_batch, dp, experts = 1 }: RunRow, unsaid: Unsaid): readonly number[] {
  if (micro_batch !== undefined) return [micro_batch];
  const tried = (experts > 1 ? unsaid.mixtureMicroBatches : undefined) ?? MICRO_BATCHES;
  const fitting = tried.filter((microBatch) => (global_batch / dp) % microBatch === 0);
  return fitting.length > 0 ? fitting : refuse('the batch is no whole number of sequences a replica');
}

function settingsOf(row: RunRow, unsaid: Unsaid): Setting[] {
  const { layers, pp, virtual_stages } = row;
  const microBatches = microBatchesOf(row, unsaid);
  const recomputations = recomputationsOf(row, unsaid);
  const chunks = pp > 1 && layers % pp === 0 ? divisors(layers / pp) : [1];
  const stages = virtual_stages === undefined ? chunks : [virtual_stages];
  return microBatches.flatMap((microBatch) =>
    recomputations.flatMap((recomputation) =>
      stages.map((virtualStages) => ({ microBatch, ...recomputation, virtualStages })),
    ),
  );
}

/** @throws CosmicError VALUE_OUT_OF_RANGE where several nodes are not all full */
function checkNodes({ id, gpus }: TrainingRow, { system: { defaults } }: Psa, place: Place): void {
  const [nodeGpus = 1, ...others] = defaults.get('network.npus')!;
  if (nodeGpus > WHOLE_NODES || gpus <= nodeGpus || gpus % nodeGpus === 0 || !others.includes(undefined)) return;
  throw new CosmicError('VALUE_OUT_OF_RANGE', `${id}: ${gpus} GPUs do not fill nodes of ${nodeGpus}`, {
    ...place,
    remedy: `use at most ${nodeGpus} GPUs, or a multiple of that`,
  });
}

/** GPUs of the largest machine that is rented as a whole; of racks and slices a job takes a part. */
export const WHOLE_NODES = 16;

function runRow(row: TrainingRow): RunRow {
  const { iteration_s, layers } = row;
  if (hasUnknownShape(row)) return refuse('the shape of a hybrid of state-space layers is not public');
  if (layers === undefined) return refuse('the shape of the model is not given: layers');
  if (iteration_s === undefined) return refuse('no step time is given');
  return { ...row, iteration_s, layers, recompute: hidesRecomputation(row) ? undefined : row.recompute };
}

/** The row with what its program is known to do where it says nothing; of some sources `none` says nothing. */
function withSharding(row: TrainingRow, { weightSharding }: Installation): TrainingRow {
  if (weightSharding === undefined || (row.weight_sharding ?? 'none') !== 'none') return row;
  return { ...row, weight_sharding: weightSharding };
}

/**
 * Compiles a row.
 *
 * @param base of the installation, as {@link Systems.get} has it
 * @param set overrides of the user, that no row decides
 * @throws CosmicError VALUE_OUT_OF_RANGE, SPACE_EMPTY where no model and design is this row; ARGUMENT where an override is lost
 */
export function prepareRow(
  { row: given, file, line }: CsvRow<TrainingRow>,
  installation: Installation,
  base: Base,
  set: readonly string[],
): PreparedRow {
  const row = runRow(withSharding(given, installation));
  const overrides = overridesOf(row);
  checkOverrides(set, overrides, row.id);
  checkNodes(row, base.psa, { file, line });
  const space = compileDesign(applyOverrides(base.psa, [...installation.set, ...set, ...overrides]));
  const { micro_batch, recompute, virtual_stages, weight_sharding } = row;
  const unsaid = base.unsaid;
  return {
    row,
    system: installation.system,
    software: installation.software,
    assumptions: [
      ...installation.assumptions,
      ...(weight_sharding === given.weight_sharding ? [] : [`weight sharding ${weight_sharding}`]),
      ...assumptionsOf(row),
    ],
    open: micro_batch === undefined || recompute === undefined || virtual_stages === undefined,
    settings: settingsOf({ ...row, recompute: recomputationOf(row) }, unsaid),
    cheapRecomputation: unsaid.cheapRecomputation,
    design: space.fixed,
    dimensions: space.dimensions,
    simulate: createSimulator(space.workload, space.tiers),
  };
}

/** Evaluates a row with one setting: seconds and status. */
function evaluate({ design, simulate, settings, cheapRecomputation }: PreparedRow, setting: Setting): Prediction {
  const { microBatch, recompute, modules, recomputedLayers, virtualStages } = setting;
  design[SLOT_MICRO_BATCH] = microBatch;
  if (settings.some((one) => one.recomputedLayers !== undefined)) {
    design[SLOT_RECOMPUTED_LAYERS] = recomputedLayers ?? 0;
  }
  design[SLOT_RECOMPUTATION] = RECOMPUTATION[modules ? 'none' : recompute];
  if (settings.some((one) => one.modules)) for (const slot of cheapRecomputation) design[slot] = modules ? 1 : 0;
  // Schedules that split the backward pass have no virtual stages to try.
  if (design[SLOT_PIPELINE_SCHEDULE]! < PIPELINE_SCHEDULE.zbH1) {
    design[SLOT_VIRTUAL_STAGES] = virtualStages;
    design[SLOT_PIPELINE_SCHEDULE] =
      virtualStages > 1 ? PIPELINE_SCHEDULE.interleaved : PIPELINE_SCHEDULE.oneForwardOneBackward;
  }
  const outputs = new Float64Array(OUTPUT_COUNT);
  const status = simulate(design, outputs, 0);
  const [timeUs, memoryMB, reservedMB] = [OUTPUT.timeUs, OUTPUT.memoryMB, OUTPUT.reservedMB].map((at) => outputs[at]!);
  return { seconds: timeUs! * 1e-6, status, setting, memoryMB: memoryMB!, reservedMB: reservedMB! };
}

/** Statuses that do not matter to a run which is known to have taken place: memory is estimated, prices are not asked for. */
const IGNORED = STATUS.MEMORY | STATUS.PRICE;

/**
 * Predicts a row's step time: with its setting, or where it leaves one open with the fastest that fits in memory. The run is
 * known to have taken place: where none is thought to fit, it is the one that needs least.
 */
export function predictRow(prepared: PreparedRow): Prediction {
  const predictions = prepared.settings.map((setting) => evaluate(prepared, setting));
  const running = predictions.filter(({ status }) => (status & ~IGNORED) === 0);
  if (running.length === 0) return { ...predictions[0]!, seconds: undefined };
  const fitting = running.filter(({ status }) => (status & STATUS.MEMORY) === 0);
  if (fitting.length > 0) return fitting.reduce((best, one) => (one.seconds! < best.seconds! ? one : best));
  return running.reduce((least, one) => (one.memoryMB < least.memoryMB ? one : least));
}

/** Why a row has no prediction. */
export function reasonOf(status: number): string {
  return reasonsOf(status & ~STATUS.PRICE).join('; ');
}
