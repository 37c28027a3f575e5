/**
 * The ablation of MegaScale (arXiv 2402.15627, table 3): a row names the change that it adds, and has all those before it. How far a local
 * layer looks back is not printed, nor what "efficient operators" and "misc" leave of element-wise kernels, so those are without effect.
 */
import { loadSoftware } from '../../../psa/software.js';
import { always, type Phrase } from './phrase.js';

/** What travels in pieces beside products, in MegaScale. */
const pieces = () => loadSoftware('megascale').defaults.get('workload.tensorPipelining')![0]!;

/** In the order in which they are added. */
const CHANGES = [
  'parallel block',
  'sliding-window attention',
  'TP overlap',
  'PP overlap',
  'DP overlap',
  'efficient operators',
  'misc',
] as const;

/** Rows that have a change: that which adds it, and those behind. */
function since(change: (typeof CHANGES)[number]): RegExp {
  return new RegExp(`ablation: \\+ (?:${CHANGES.slice(CHANGES.indexOf(change)).join('|')})`);
}

export const MEGASCALE: readonly Phrase[] = [
  {
    pattern: since('sliding-window attention'),
    says: 'a parallel block, as in the rows of an ablation before',
    set: always('model.parallelBlock=true'),
  },
  {
    pattern: since('TP overlap'),
    says: 'tensor-parallel traffic in pieces beside products, as in MegaScale',
    set: () => ['workload.tensorOverlap=on', `workload.tensorPipelining=${pieces()}`],
  },
  {
    pattern: since('PP overlap'),
    says: 'sends between stages beside compute',
    set: always('workload.pipelineOverlap=on'),
  },
  {
    pattern: since('DP overlap'),
    says: 'gradients beside the last backward pass',
    set: always('workload.gradientOverlap=on'),
  },
];
