/** torchtitan's TOML files, with what it checks before it trains (torchtitan/distributed/parallel_dims.py, train.py, pipeline_parallel.py). */
import { beginning, type Framework } from '../framework.js';
import type { Given } from '../given.js';
import {
  BATCH,
  type Broken,
  ENOUGH_LAYERS,
  EXPERTS,
  type FactRule,
  FFN,
  HEADS,
  KV_HEADS,
  modelWords,
  PRECISION,
  type SettingRule,
  WORLD,
  type Words,
} from '../rule.js';
import { printToml, readToml } from '../tree/toml.js';
import { BALANCE_ROW } from './balanceRow.js';
import { MEMORY_ROWS } from './memoryRows.js';
import { OFFLOAD_ROW } from './offloadRow.js';
import { MODEL_ROWS, ROWS } from './rows.js';
import {
  ASYNC,
  COMPILE,
  CONTEXT,
  EXPERT,
  EXPERT_TENSOR,
  FLAVOR,
  FORMAT,
  GLOBAL_BATCH,
  LISTS,
  LOCAL_BATCH,
  MICRO_BATCH,
  MODELS,
  NAME,
  PIPELINE,
  RENAMED,
  REPLICATE,
  SCHEDULE,
  SEQ_LEN,
  SHARD,
  TENSOR,
} from './settings.js';

const WORDS: Words = {
  tp: TENSOR,
  sp: CONTEXT,
  pp: PIPELINE,
  ep: EXPERT,
  etp: EXPERT_TENSOR,
  batch: GLOBAL_BATCH,
  microBatch: LOCAL_BATCH,
  ...modelWords(FLAVOR),
  seq: SEQ_LEN,
};

/** A rank's sequence is split by tensor parallelism, and by twice the context-parallel ranks for balance. */
const SEQUENCE: FactRule = {
  rule: 'sequence length',
  broken: ({ model, number }) => {
    const [tp, cp] = [number('workload.tp'), number('workload.sp')];
    const divisor = tp * (cp > 1 ? 2 * cp : 1);
    if (model.seq % divisor === 0) return undefined;
    const says = `${model.seq} tokens of a sequence are no multiple of tensor × 2 × context parallel ${divisor}`;
    return { says, settings: [SEQ_LEN, TENSOR, CONTEXT] };
  },
};

/** Expert tensor parallelism is none, or that of all else. */
const EXPERT_WIDTH: FactRule = {
  rule: 'experts',
  broken: ({ number }) => {
    const [etp, tp] = [number('workload.etp'), number('workload.tp')];
    if (etp <= 1 || etp === tp) return undefined;
    return {
      says: `expert tensor parallel ${etp} is neither 1 nor tensor parallel ${tp}`,
      settings: [EXPERT_TENSOR, TENSOR],
    };
  },
};

/** The degrees that a file gives fill the job. */
function degreesBroken(given: Given): Broken {
  const sharded = given.text(SHARD) ?? '-1';
  const replicate = given.count(REPLICATE, 1);
  const others = given.count(TENSOR, 1) * given.count(CONTEXT, 1) * given.count(PIPELINE, 1) * replicate;
  if (sharded === '-1') {
    if (given.npus % others === 0) return undefined;
    const says = `${given.npus} NPUs are no multiple of replicate × tensor × context × pipeline parallel ${others}`;
    return { says, settings: [REPLICATE, TENSOR, CONTEXT, PIPELINE] };
  }
  const all = others * Number(sharded);
  if (all === given.npus) return undefined;
  return {
    says: `degrees of ${all} in all do not make ${given.npus} NPUs`,
    settings: [REPLICATE, SHARD, TENSOR, CONTEXT, PIPELINE],
  };
}

const SETTING_RULES: readonly SettingRule[] = [
  { rule: 'world size', broken: degreesBroken },
  {
    rule: 'micro-batches',
    broken: (given) => {
      const local = given.count(LOCAL_BATCH, 8);
      const each = given.count(MICRO_BATCH, 1);
      if (given.count(PIPELINE, 1) === 1 || local % each === 0) return undefined;
      return {
        says: `${local} sequences of a local batch are no multiple of micro-batch ${each}`,
        settings: [LOCAL_BATCH, MICRO_BATCH],
      };
    },
  },
  {
    rule: 'global batch',
    broken: (given, { number }) => {
      const local = given.count(LOCAL_BATCH, 8);
      const replicas = given.npus / (number('workload.tp') * number('workload.sp') * number('workload.pp'));
      const global = number('workload.batch');
      if (!Number.isInteger(replicas) || global % (local * replicas) === 0) return undefined;
      const says = `${global} sequences of a global batch are no multiple of local batch × data parallel ${local * replicas}`;
      return { says, settings: [GLOBAL_BATCH, LOCAL_BATCH] };
    },
  },
  {
    rule: 'overlaps',
    broken: (given) => {
      const asked = given.truth(ASYNC, false);
      if (!asked || given.truth(COMPILE, false)) return undefined;
      return { says: `${ASYNC} needs ${COMPILE}`, settings: [ASYNC, COMPILE] };
    },
  },
  {
    rule: 'interleaved schedule',
    broken: (given, { number, text }) => {
      if (text('workload.pipelineSchedule') !== 'interleaved') return undefined;
      const [pp, local] = [number('workload.pp'), given.count(LOCAL_BATCH, 8)];
      const count = Math.floor(local / number('workload.microBatch'));
      const rounds = Math.max(Math.floor(count / pp), 1);
      if (count % rounds === 0) return undefined;
      return {
        says: `${count} micro-batches are no multiple of ${rounds} rounds`,
        settings: [LOCAL_BATCH, SCHEDULE],
      };
    },
  },
];

/** NPUs where all degrees are given. */
function npusOf(values: ReadonlyMap<string, string>): number | undefined {
  const shard = Number(values.get(SHARD) ?? -1);
  if (shard < 1) return undefined;
  const degrees = [REPLICATE, TENSOR, CONTEXT, PIPELINE].map((name) => Number(values.get(name) ?? 1));
  const product = degrees.reduce((all, degree) => all * degree, shard);
  return Number.isInteger(product) && product > 0 ? product : undefined;
}

const TABLES_WITHOUT_EFFECT = String.raw`
  job profiling metrics optimizer lr_scheduler checkpoint compile comm memory_estimation debug fault_tolerance
  validation faketensor float8 mx quantize experimental\.custom
  activation_checkpoint\.(per_op|early|memory_budget|visualize|preserve|determinism)
  model\.(hf_assets|tokenizer|norm_type|print)
  training\.(max_norm|steps|dataset|warmup|gc_|seed|deterministic|debug|mixed_precision_param)
  parallelism\.(disable_loss|enable_loss|module_fqns|enable_compiled|enable_approximate)
`;

export const TORCHTITAN: Framework = {
  name: 'torchtitan',
  title: FORMAT,
  software: 'fsdp2',
  rows: [...ROWS, BALANCE_ROW, ...MEMORY_ROWS, OFFLOAD_ROW],
  modelRows: MODEL_ROWS,
  modelSetting: undefined,
  modelNames: [NAME, FLAVOR],
  namedModel: ({ settings }) => {
    const [name, flavor] = [NAME, FLAVOR].map((setting) => settings.get(setting)?.values[0]?.text);
    return MODELS.find(({ name: own }) => own[0] === name && own[1] === flavor)?.preset;
  },
  words: WORDS,
  factRules: [WORLD, HEADS, KV_HEADS, FFN, BATCH, ENOUGH_LAYERS, SEQUENCE, EXPERTS, EXPERT_WIDTH, PRECISION],
  settingRules: SETTING_RULES,
  withoutEffect: beginning('', TABLES_WITHOUT_EFFECT),
  notSimulated: [],
  recognises: (file) => /\.toml$/.test(file),
  parse: (text, file) => readToml(text, file, { lists: LISTS, renamed: RENAMED }, npusOf),
  print: (settings) =>
    printToml(
      [...settings].sort((a, b) => order(a.name) - order(b.name)),
      LISTS,
    ),
};

/** Tables one after another; within one the order of the rows stays. */
function order(name: string): number {
  return ['model', 'training', 'parallelism', 'activation_checkpoint', 'compile'].indexOf(name.split('.')[0]!);
}
