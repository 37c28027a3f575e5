/** What Megatron-DeepSpeed's arguments, and the DeepSpeed file that they name, say of a job in the place of Megatron-LM's own. */
import { MICRO_BATCH, OFFLOAD, OFFLOAD_RATIO, OVERLAP, STAGE, STAGES, TRAIN_BATCH } from '../deepspeed/deepspeed.js';
import type { Given } from '../given.js';
import type { Assignments, Row } from '../row.js';
import { type Broken, type SettingRule, settingRule } from '../rule.js';
import { GLOBAL_BATCH, MICRO_BATCH as MEGATRON_MICRO_BATCH, PIPELINE } from './parallelRows.js';

export const DEEPSPEED = '--deepspeed';
const ZERO_STAGE = '--zero-stage';
const NO_PIPELINE = '--no-pipeline-parallel';
const CPU_OPTIMIZER = '--cpu-optimizer';
/** Ranks that share sequences by exchanging heads (Ulysses). */
const ULYSSES = '--ds-sequence-parallel-size';

/** Settings of the JSON file stand among the arguments under this name. */
export const INSIDE = 'deepspeed:';

/** As rows name a setting of the JSON file. */
export const inside = (setting: string): string => `${INSIDE}${setting}`;

/** The stage that DeepSpeed's engine goes by: its file's; without a file what Megatron-DeepSpeed takes, 1 unless it is said. */
function stageOf(given: Given): number {
  const isRead = [...given.file.settings.keys()].some((name) => name.startsWith(INSIDE));
  return given.whole(inside(STAGE), isRead ? 0 : given.whole(ZERO_STAGE, 1));
}

/** Sharding of the replicas; undefined where DeepSpeed does not run the job. */
export function deepspeedSharding(given: Given): string | undefined {
  if (!given.has(DEEPSPEED)) return undefined;
  const stage = stageOf(given);
  const sharding = STAGES[stage];
  if (sharding !== undefined) return sharding;
  const name = given.has(inside(STAGE)) ? inside(STAGE) : ZERO_STAGE;
  throw given.error(name, `the stage of ZeRO is ${stage}`, 'write 0, 1, 2 or 3');
}

/** Are gradients reduced beside the backward pass? By itself at stage 3 alone. */
export function deepspeedOverlap(given: Given): boolean | undefined {
  return given.has(DEEPSPEED) ? given.truth(inside(OVERLAP), stageOf(given) === 3) : undefined;
}

/** The share of the optimiser that the host has. */
export function deepspeedOffload(given: Given): number | undefined {
  if (!given.has(DEEPSPEED)) return undefined;
  const onHost = given.has(CPU_OPTIMIZER) || (given.text(inside(OFFLOAD)) ?? 'none') !== 'none';
  return onHost ? given.number(inside(OFFLOAD_RATIO), 1) : 0;
}

/** Gradients and their sum are in half precision. */
export function deepspeedState(given: Given): Assignments | undefined {
  return given.has(DEEPSPEED)
    ? {
        'workload.gradientBytes': 2,
        'workload.mainGradientBytes': 2,
        'workload.masterWeightBytes': 4,
        'workload.momentBytes': 4,
      }
    : undefined;
}

/** What is only read: nothing of it is written, for Megatron-LM itself does not have it. */
export const DEEPSPEED_ROW: Row = {
  settings: [
    ...[DEEPSPEED, '--deepspeed_config', '--deepspeed-config', ZERO_STAGE, NO_PIPELINE, CPU_OPTIMIZER, ULYSSES],
    ...[STAGE, OVERLAP, OFFLOAD, OFFLOAD_RATIO, TRAIN_BATCH, MICRO_BATCH, 'gradient_accumulation_steps'].map(inside),
  ],
  targets: ['workload.sp', 'workload.contextExchange'],
  read: (given) => {
    if (!given.has(DEEPSPEED)) return {};
    given.note("DeepSpeed's engine is priced as Megatron-Core's: --software deepspeed-zero has constants of its own");
    const said = given.whole(ZERO_STAGE);
    if (said !== undefined && said !== stageOf(given)) {
      given.note(`${ZERO_STAGE} ${said} is not what runs: DeepSpeed's file says stage ${stageOf(given)}`);
    }
    const ranks = given.count(ULYSSES, 1);
    return ranks === 1 ? {} : { 'workload.sp': ranks, 'workload.contextExchange': 'allToAll' };
  },
  write: () => [],
};

/** Of a batch the DeepSpeed file may say another than the arguments. */
function batchBroken(given: Given, own: string, theirs: string): Broken {
  const [ours, inFile] = [
    given.count(own),
    given.text(inside(theirs)) === 'auto' ? undefined : given.count(inside(theirs)),
  ];
  if (!given.has(DEEPSPEED) || ours === undefined || inFile === undefined || ours === inFile) return undefined;
  return { says: `${own} ${ours} is not ${theirs} ${inFile} of DeepSpeed's file`, settings: [own, inside(theirs)] };
}

export const DEEPSPEED_RULES: readonly SettingRule[] = [
  settingRule('global batch', (given) => batchBroken(given, GLOBAL_BATCH, TRAIN_BATCH)),
  settingRule('micro-batch', (given) => batchBroken(given, MEGATRON_MICRO_BATCH, MICRO_BATCH)),
  // The engine of pipelines runs single stages, too, and takes no shards of gradients (DeepSpeed, runtime/pipe/engine.py).
  settingRule('pipeline', (given) => {
    if (!given.has(DEEPSPEED) || given.has(NO_PIPELINE) || stageOf(given) < 2) return undefined;
    const says = `stage ${stageOf(given)} of ZeRO needs ${NO_PIPELINE}`;
    return { says, settings: [given.has(inside(STAGE)) ? inside(STAGE) : ZERO_STAGE, NO_PIPELINE] };
  }),
  settingRule('pipeline', (given) => {
    if (!given.has(NO_PIPELINE) || given.count(PIPELINE, 1) === 1) return undefined;
    return { says: `${NO_PIPELINE} needs ${PIPELINE} 1`, settings: [NO_PIPELINE, PIPELINE] };
  }),
];
