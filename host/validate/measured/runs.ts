/** Where a measured run took place and what ran it: a machine and a framework of the catalogues, and what is assumed besides. */
import type { Place } from '../../../psa/document.js';
import { machinePreset } from '../gpus.js';
import type { TrainingRow } from './row.js';
import { stated } from './statements.js';

/** A machine, a framework on it, and what of them is not as those presets say. */
export interface Installation {
  /** Presets or files. */
  readonly system: string;
  readonly software: string | undefined;
  readonly set: readonly string[];
  readonly assumptions: readonly string[];
  /** Of runs whose row names none; the framework's unless given. */
  readonly weightSharding?: 'zero1';
}

/** What the column `framework_version` says, the framework, and which of such rows ran it where others ran another. */
type Framework = readonly [version: RegExp, software: string, where?: (row: TrainingRow) => boolean];

const saysNoCompiler = ({ framework_version, notes }: TrainingRow) =>
  !/(?<!\bno )torch\.compile/.test(`${framework_version}; ${notes}`);
/** Of those whose recipe has graphs of parts, as hybrids' have, the host launches what lies between. */
const isMixtureOnRack = ({ gpu, experts = 1, notes }: TrainingRow) =>
  gpu.startsWith('gb') && experts > 1 && !/CUDA graph transformer_engine/.test(notes);
/** FlashAttention's kernels, as programs of 2023 and later have them. */
const hasFlash = ({ notes }: TrainingRow) => /(?<!no )flash ?attention/i.test(notes);
const isSharded = ({ fsdp = 0 }: TrainingRow) => fsdp > 0;
const deniesCompiler = ({ framework_version, notes }: TrainingRow) =>
  /\bno torch\.compile/.test(`${framework_version}; ${notes}`);

/** The first that fits. */
const FRAMEWORKS: readonly Framework[] = [
  [/nanotron/i, 'nanotron'],
  [/llm-foundry|composer/i, 'llm-foundry'],
  [/automodel/i, 'automodel'],
  [/torchtitan/i, 'fsdp2-eager', saysNoCompiler],
  // Its trainer compiles nothing unless told to (TrainingArguments.torch_compile).
  [/^(?=.*fsdp)(?=.*(?:hugging face|\btrl\b))/i, 'fsdp2-eager', saysNoCompiler],
  [/fsdp2|^pytorch/i, 'fsdp2-eager', deniesCompiler],
  [/torchtitan|fms-fsdp|fsdp2|^pytorch/i, 'fsdp2'],
  [/megatron-deepspeed/i, 'megatron-lm-2023', hasFlash],
  [/megatron-deepspeed/i, 'megatron-lm-2021'],
  [/deepspeed/i, 'deepspeed-zero-loop', ({ notes }) => /experts of a loop in Python/.test(notes)],
  [/deepspeed/i, 'deepspeed-zero'],
  [/internevo/i, 'internevo'],
  [/aa-scaling/i, 'scaling'],
  [/maxtext|paxml|jax/i, 'maxtext'],
  [/megascale/i, 'megascale'],
  [/NVIDIA 26\.01/i, 'megatron-core-plain'],
  [/^Megatron-LM( fork.*| [0-9a-f]{7,8}.*)?$|ablation: /i, 'megatron-lm-2023'],
  [/megatron|nemo|mlperf|dgxc|primus|hai-llm/i, 'megatron-fsdp', isSharded],
  // Pages of its later releases name no recipes; those of mixtures on racks are all so in its repository.
  [/Megatron-Bridge v0\.[5-9]/, 'megatron-bridge', isMixtureOnRack],
  [/megatron|nemo|mlperf|dgxc|primus|hai-llm/i, 'megatron-core'],
];

/** Sources whose rows do not name their framework, or whose constants were fitted with a system of their own. */
interface Known {
  readonly gpu: string;
  /** Of the column `source`. */
  readonly source: RegExp;
  readonly installation: Installation;
}

const UNFUSED = 'unfused attention, as Megatron-LM had it in 2021 and 2022';

const KNOWN: readonly Known[] = [
  {
    gpu: 'a100-80g',
    source: /^VIA-Research\/vTrain/,
    installation: {
      system: 'a100-80gb',
      software: 'megatron-lm-2021',
      // 800 Gb/s a node: the README of vTrain's public ground truth.
      set: ['network.bandwidthGBps[1]=12.5'],
      assumptions: ['4 × 200 Gb/s InfiniBand a node', UNFUSED],
    },
  },
  {
    gpu: 'h100-80g',
    source: /Megatron-LM README/,
    installation: {
      system: 'dgx-h100',
      software: undefined,
      // Megatron-LM's README of July 2024 names --overlap-param-gather, which its distributed optimiser (ZeRO-1) has.
      set: ['workload.attention=fused'],
      assumptions: ['8 × 400 Gb/s InfiniBand a node', 'fused attention'],
      weightSharding: 'zero1',
    },
  },
];

/** Of rows without a version: what was current on the machine. */
function softwareOfRow(row: TrainingRow): string {
  const { id, source, gpu, framework_version, notes, weight_sharding } = row;
  // Tables of several frameworks name all of them in each row, and the row's own in its id.
  const version = framework_version.startsWith('DGXC') ? id : framework_version || source;
  const named = FRAMEWORKS.find(([pattern, , where]) => pattern.test(version) && (where?.(row) ?? true))?.[1];
  if (named !== undefined) return named;
  // PyTorch compiles nothing unless it is told to.
  if (/fsdp2/i.test(notes)) return saysNoCompiler(row) ? 'fsdp2-eager' : 'fsdp2';
  if (weight_sharding === 'zero3' && (isSharded(row) || !gpu.startsWith('a100'))) return 'fsdp2';
  if (gpu.startsWith('a100')) return hasFlash(row) ? 'megatron-lm-2023' : 'megatron-lm-2021';
  return 'megatron-core';
}

/** What a machine's network is taken to be, where neither the source nor the row says it. */
const fabricAssumed = (machine: string) => `network as in ${machine}`;

/**
 * Where and with what a row ran: as the options say, else as its columns do.
 *
 * @param own system and software of all rows, presets or files
 * @throws CosmicError SCHEMA where no machine stands for its GPU
 */
export function installationOf(
  row: TrainingRow,
  own: { readonly system?: string | undefined; readonly software?: string | undefined },
  place: Place,
): Installation {
  const { gpu, source } = row;
  const known = KNOWN.find((one) => one.gpu === gpu && one.source.test(source))?.installation;
  if (known !== undefined && own.system === undefined && own.software === undefined) return known;
  const system = own.system ?? machinePreset(gpu, place);
  // A system of one's own says itself what runs on it.
  const software = own.software ?? (own.system === undefined ? softwareOfRow(row) : undefined);
  const statements = stated(row);
  return {
    system,
    software,
    set: statements.flatMap(({ set }) => set),
    assumptions: [
      own.system === undefined ? fabricAssumed(system) : `all as in ${system}`,
      ...(software === undefined ? [] : [`software ${software}`]),
      ...statements.map(({ says }) => says),
    ],
  };
}
