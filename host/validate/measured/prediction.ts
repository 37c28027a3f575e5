/** A measured run, ready to be predicted: again and again while constants are fitted. */
import { OUTPUT, OUTPUT_COUNT, reasonsOf, STATUS } from '../../../kernels/outputs.js';
import { createSimulator, type Simulator } from '../../../kernels/simulate.js';
import { PIPELINE_SCHEDULE, RECOMPUTATION } from '../../../kernels/workload/graph.js';
import { compileDesign, loadDefault } from '../../../psa/defaults.js';
import type { Place } from '../../../psa/document.js';
import { CosmicError } from '../../../psa/errors.js';
import { applyOverrides } from '../../../psa/overrides.js';
import { SLOT } from '../../../psa/parameters.js';
import type { Psa } from '../../../psa/psa.js';
import type { CsvRow } from '../csv.js';
import { machineFrom, machineOf } from './machines.js';
import { checkOverrides, overridesOf, type TrainingRow } from './row.js';

const SLOT_MICRO_BATCH = SLOT.workload.microBatch;
const SLOT_RECOMPUTATION = SLOT.workload.recomputation;
const SLOT_VIRTUAL_STAGES = SLOT.workload.virtualStages;
const SLOT_PIPELINE_SCHEDULE = SLOT.workload.pipelineSchedule;

/** Micro-batches that are tried where a row leaves it open. */
const MICRO_BATCHES = [1, 2, 4, 8];

/** What a row may leave open. */
interface Setting {
  readonly microBatch: number;
  readonly recompute: keyof typeof RECOMPUTATION;
  readonly virtualStages: number;
}

export interface Prediction {
  /** Time of a step, s; undefined where no setting can run. */
  readonly seconds: number | undefined;
  /** Bit mask of STATUS. */
  readonly status: number;
  readonly setting: Setting;
}

/** A row with the designs that it may be. */
export interface PreparedRow {
  readonly row: TrainingRow;
  /** Preset that stands for its machine. */
  readonly system: string;
  readonly assumptions: readonly string[];
  /** Did the row leave anything open? */
  readonly open: boolean;
  readonly settings: readonly Setting[];
  readonly design: Float64Array;
  readonly simulate: Simulator;
}

/** Default designs by system and overrides: rows differ from a few of them. */
export class Systems {
  private readonly loaded = new Map<string, Psa>();

  /**
   * @param set overrides for every row, as `--set` takes them
   * @param own system of all rows, a preset or a file, instead of those that stand for their GPUs
   */
  constructor(
    readonly set: readonly string[] = [],
    readonly own?: string,
  ) {}

  get(system: string, set: readonly string[]): Psa {
    const overrides = [...set, ...this.set];
    const key = [system, ...overrides].join(' ');
    const known = this.loaded.get(key) ?? loadDefault(system, 'gpt3-175b', overrides);
    this.loaded.set(key, known);
    return known;
  }
}

function divisors(n: number): number[] {
  return Array.from({ length: n }, (_, i) => i + 1).filter((divisor) => n % divisor === 0);
}

function settingsOf({ global_batch, dp, layers, pp, micro_batch, recompute, virtual_stages }: TrainingRow): Setting[] {
  const fitting = MICRO_BATCHES.filter((microBatch) => (global_batch / dp) % microBatch === 0);
  const microBatches = micro_batch === undefined ? fitting : [micro_batch];
  const recomputations = recompute === undefined ? (['none', 'selective', 'full'] as const) : [recompute];
  const chunks = pp > 1 && layers % pp === 0 ? divisors(layers / pp) : [1];
  const stages = virtual_stages === undefined ? chunks : [virtual_stages];
  return microBatches.flatMap((microBatch) =>
    recomputations.flatMap((recomputation) =>
      stages.map((virtualStages) => ({ microBatch, recompute: recomputation, virtualStages })),
    ),
  );
}

/** @throws CosmicError VALUE_OUT_OF_RANGE where several nodes are not all full */
function checkNodes({ id, gpus }: TrainingRow, { system: { defaults } }: Psa, place: Place): void {
  const [nodeGpus = 1, ...others] = defaults.get('network.npus')!;
  if (gpus <= nodeGpus || gpus % nodeGpus === 0 || !others.includes(undefined)) return;
  throw new CosmicError('VALUE_OUT_OF_RANGE', `${id}: ${gpus} GPUs do not fill nodes of ${nodeGpus}`, {
    ...place,
    remedy: `use at most ${nodeGpus} GPUs, or a multiple of that`,
  });
}

/**
 * Compiles a row.
 *
 * @throws CosmicError SCHEMA, VALUE_OUT_OF_RANGE with the row's line
 */
export function prepareRow({ row, file, line }: CsvRow<TrainingRow>, systems: Systems): PreparedRow {
  const place = { file, line };
  const machine = systems.own === undefined ? machineOf(row.gpu, row.source, place) : machineFrom(systems.own);
  // What the program does by itself is no more than a default: a row or an override may say otherwise.
  const sharded = row.weight_sharding === 'none' ? undefined : row.weight_sharding;
  const assumed = sharded === undefined ? machine.weightSharding : undefined;
  const run = { ...row, weight_sharding: sharded };
  checkOverrides(systems.set, run, row.id);
  const base = systems.get(machine.system, [
    ...machine.set,
    ...(assumed === undefined ? [] : [`workload.weightSharding=${assumed}`]),
  ]);
  checkNodes(row, base, place);
  const space = compileDesign(applyOverrides(base, overridesOf(run)));
  const { micro_batch, recompute, virtual_stages } = row;
  return {
    row,
    system: machine.system,
    assumptions: [...machine.assumptions, ...(assumed === undefined ? [] : [`weight sharding ${assumed}`])],
    open: micro_batch === undefined || recompute === undefined || virtual_stages === undefined,
    settings: settingsOf(row),
    design: space.fixed,
    simulate: createSimulator(space.workload, space.tiers),
  };
}

/** Evaluates a row with one setting: seconds and status. */
function evaluate({ design, simulate }: PreparedRow, setting: Setting): Prediction {
  const { microBatch, recompute, virtualStages } = setting;
  design[SLOT_MICRO_BATCH] = microBatch;
  design[SLOT_RECOMPUTATION] = RECOMPUTATION[recompute];
  design[SLOT_VIRTUAL_STAGES] = virtualStages;
  design[SLOT_PIPELINE_SCHEDULE] =
    virtualStages > 1 ? PIPELINE_SCHEDULE.interleaved : PIPELINE_SCHEDULE.oneForwardOneBackward;
  const outputs = new Float64Array(OUTPUT_COUNT);
  const status = simulate(design, outputs, 0);
  return { seconds: outputs[OUTPUT.timeUs]! * 1e-6, status, setting };
}

/** Statuses that do not matter to a run which is known to have taken place: memory is estimated, prices are not asked for. */
const IGNORED = STATUS.MEMORY | STATUS.PRICE;

/**
 * Predicts a row's step time: with its setting, or where it leaves one open with the fastest that fits in memory.
 */
export function predictRow(prepared: PreparedRow): Prediction {
  const predictions = prepared.settings.map((setting) => evaluate(prepared, setting));
  const ignored = prepared.open ? STATUS.PRICE : IGNORED;
  const running = predictions.filter(({ status }) => (status & ~ignored) === 0);
  if (running.length === 0) return { ...predictions[0]!, seconds: undefined };
  return running.reduce((best, one) => (one.seconds! < best.seconds! ? one : best));
}

/** Why a row has no prediction. */
export function reasonOf(status: number): string {
  return reasonsOf(status & ~STATUS.PRICE).join('; ');
}
