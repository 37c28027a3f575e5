/** What predictions of measured steps are to reach, by kind of source, and what they do. */
import { mean } from '../../statistics/statistics.js';
import { groupsBy, type RowGroup } from './groups.js';
import type { RowCase } from './prediction.js';
import { medianRegret } from './regret.js';

/** Of sources of a kind, each of which counts alike. */
export interface Aim {
  readonly name: string;
  /** Beginnings of the names of its sources. */
  readonly sources: readonly string[];
  readonly keeps?: (row: RowCase['row']) => boolean;
  /** The mean error, with each model left out of the fit, is to be at most this. */
  readonly error: number;
  /** The mean rank correlation is to be at least this. */
  readonly rank?: number;
}

/** Degrees of tensor parallelism within a node. */
const NODE = 8;

export const AIMS: readonly Aim[] = [
  {
    name: 'tuned clusters: Megatron-Bridge, NeMo, dgxc-benchmarking, MLPerf, Megatron-Core',
    sources: [
      ...['NVIDIA Megatron-Bridge', 'NVIDIA NeMo 24', 'NVIDIA NeMo-Framework', 'NVIDIA NeMo Framework'],
      ...['NVIDIA NeMo long', 'NVIDIA dgxc', 'MLPerf', 'Megatron-Core', 'Megatron-LM examples'],
    ],
    error: 0.08,
    rank: 0.95,
  },
  {
    name: 'FSDP: llm-foundry, torchtitan, fms-fsdp, AutoModel',
    sources: ['MosaicML', 'PyTorch torchtitan', 'IBM/PyTorch fms-fsdp', 'NVIDIA NeMo AutoModel'],
    error: 0.08,
  },
  {
    name: 'nanotron, tensors within a node',
    sources: ['Hugging Face nanotron'],
    keeps: ({ tp }) => tp <= NODE,
    error: 0.15,
    rank: 0.93,
  },
  { name: 'Aleph Alpha', sources: ['Aleph Alpha'], error: 0.1, rank: 0.93 },
  { name: 'InternEvo', sources: ['InternEvo'], error: 0.1, rank: 0.93 },
  {
    name: 'pipelines and overlaps: Zero Bubble, MegaScale, folding',
    sources: ['Zero Bubble', 'MegaScale', 'MoE Parallel Folding'],
    error: 0.1,
  },
  { name: 'TPU', sources: ['Google tpu-recipes', 'Google MaxText', 'MaxText TPU'], error: 0.12 },
  {
    name: 'A100 and H100 of before: SC21, Megatron-LM, vTrain',
    sources: ['Narayanan', 'NVIDIA Megatron-LM README', 'arXiv 2205.05198', 'VIA-Research', 'Megatron-LM README'],
    error: 0.03,
  },
];

export interface AimResult extends Aim {
  readonly fitted: Reached;
  /** Undefined where no model could be left out. */
  readonly leftOut: Reached | undefined;
  readonly regret: number | undefined;
}

/** Where each source counts alike. */
export interface Reached {
  readonly groups: readonly RowGroup[];
  readonly error: number;
  readonly rank: number | undefined;
  readonly leastRank: number | undefined;
}

function reached(cases: readonly RowCase[]): Reached | undefined {
  const groups = groupsBy(cases, ({ source }) => source);
  if (groups.length === 0) return undefined;
  const ranks = groups.flatMap(({ spearman }) => spearman ?? []);
  return {
    groups,
    error: mean(groups.map(({ meanAbsRelError }) => meanAbsRelError)),
    rank: ranks.length === 0 ? undefined : mean(ranks),
    leastRank: ranks.length === 0 ? undefined : Math.min(...ranks),
  };
}

/**
 * @param cases as presets predict them
 * @param crossed each predicted without its model
 */
export function aimResults(cases: readonly RowCase[], crossed: readonly RowCase[]): AimResult[] {
  return AIMS.flatMap((aim) => {
    const belongs = ({ row }: RowCase) =>
      aim.sources.some((beginning) => row.source.startsWith(beginning)) && (aim.keeps?.(row) ?? true);
    const own = cases.filter(belongs);
    const fitted = reached(own);
    if (fitted === undefined) return [];
    return [{ ...aim, fitted, leftOut: reached(crossed.filter(belongs)), regret: medianRegret(own) }];
  });
}
