/** Hybrids of state-space layers (Mamba-2) in Megatron-LM's arguments: a letter for each layer, which is one block. */
import { isLayerPattern } from '../../../psa/modelFields.js';
import type { Given } from '../given.js';
import { type Assignments, modelRow } from '../row.js';

const PATTERN = '--hybrid-override-pattern';
const HEADS = '--mamba-num-heads';
const HEAD_DIM = '--mamba-head-dim';
const STATE_DIM = '--mamba-state-dim';
const GROUPS = '--mamba-num-groups';

/** How much wider than the model a state-space layer is where no heads are given: Megatron-Core's MambaMixer. */
const EXPANSION = 2;

function patternOf(given: Given): string {
  const pattern = given.text(PATTERN)!;
  const layers = given.needed('--num-layers');
  if (isLayerPattern(pattern) && pattern.length === layers) return pattern;
  throw given.error(
    PATTERN,
    `${PATTERN} is '${pattern}', with ${layers} layers`,
    'write a letter for each layer: M state space, * attention, - a dense MLP, E a mixture',
  );
}

/** What is not given is as Megatron-LM's arguments have it. */
function stateSpace(given: Given): Assignments {
  const headDim = given.count(HEAD_DIM, 64);
  return {
    'model.stateHeads': given.count(HEADS) ?? Math.floor((EXPANSION * given.needed('--hidden-size')) / headDim),
    'model.stateHeadDim': headDim,
    'model.stateDim': given.count(STATE_DIM, 128),
    'model.stateGroups': given.count(GROUPS, 8),
  };
}

/** Read alone: exports refuse layers of one block each. */
export const HYBRID_ROW = modelRow(
  [PATTERN, HEADS, HEAD_DIM, STATE_DIM, GROUPS],
  ['model.layerPattern', 'model.stateHeads', 'model.stateHeadDim', 'model.stateDim', 'model.stateGroups'],
  (given) => {
    if (!given.has(PATTERN)) return {};
    const pattern = patternOf(given);
    return { 'model.layerPattern': pattern, ...(pattern.includes('M') ? stateSpace(given) : {}) };
  },
  () => [],
);
