import { category, codes, type ParameterRow, whole } from './row.js';

/** `topology`: ring on a Ring, direct on FullyConnected, halvingDoubling on a Switch. */
const ALGORITHMS = ['ring', 'direct', 'halvingDoubling', 'doubleBinaryTree', 'topology'] as const;
/** `same`: what collective.algorithm says for the dimension. */
const ownAlgorithms = codes(...ALGORITHMS, 'same');

const ownAlgorithm = { ...category(ownAlgorithms, 'same'), perDimension: true, changes: 'dimension' } as const;

export const collective = {
  schedulingPolicy: {
    ...category(codes('LIFO', 'FIFO', 'shared'), 'LIFO'),
    slot: 19,
    description:
      'which of two collectives on the same links goes first, the newer or the older, or whether they share them',
  },
  chunks: {
    ...whole,
    slot: 20,
    min: 1,
    max: 1024,
    neutral: { value: 4 },
    changes: 'channels',
    unit: 'per collective',
    description: 'chunks that a collective is split into (preferred-dataset-splits)',
  },
  multiDimensional: {
    ...category(codes('baseline', 'localBWAware', 'flatRing'), 'localBWAware'),
    slot: 21,
    changes: 'channels',
    description:
      'collectives over several dimensions: dimension by dimension, or one ring over all NPUs (not all-to-all)',
  },
  algorithm: {
    ...category(codes(...ALGORITHMS), 'topology'),
    slot: 22,
    perDimension: true,
    changes: 'dimension',
    description: 'collective algorithm',
  },
  allReduceAlgorithm: { ...ownAlgorithm, slot: 26, description: 'all-reduce algorithm' },
  allGatherAlgorithm: { ...ownAlgorithm, slot: 30, description: 'all-gather algorithm' },
  reduceScatterAlgorithm: { ...ownAlgorithm, slot: 34, description: 'reduce-scatter algorithm' },
  allToAllAlgorithm: { ...ownAlgorithm, slot: 38, description: 'all-to-all algorithm' },
  activeChunks: {
    ...whole,
    slot: 76,
    min: 1,
    max: 1024,
    neutral: { value: 1 },
    changes: 'channels',
    unit: 'per dimension',
    description: 'chunks that a dimension serves at once (active-chunks-per-dimension); of the astra-sim profile alone',
  },
  directWindow: {
    ...whole,
    slot: 77,
    perDimension: true,
    min: 0,
    max: 2 ** 20,
    nameOfZero: 'all',
    neutral: { value: 0 },
    changes: 'dimension',
    unit: 'messages',
    description: 'messages that a direct exchange keeps in flight (directK); of the astra-sim profile alone',
  },
} as const satisfies Readonly<Record<string, ParameterRow>>;
