/** Hybrids of layers with a state in Megatron-LM's arguments: a letter for each layer, which is one block. */
import { isLayerPattern } from '../../../psa/modelFields.js';
import type { Given } from '../given.js';
import { type Assignments, modelRow } from '../row.js';
import { LETTERS, OLDER_PATTERN, PATTERN } from './hybridFile.js';
import { gatedDeltaNet, STATE_PARAMETERS } from './linearRow.js';

const HEADS = '--mamba-num-heads';
const HEAD_DIM = '--mamba-head-dim';
const STATE_DIM = '--mamba-state-dim';
const GROUPS = '--mamba-num-groups';

/** How much wider than the model a state-space layer is where no heads are given: Megatron-Core's MambaMixer. */
const EXPANSION = 2;

/** Letters of the simulator, and whether those with a state are gated delta nets, G, in the place of Mamba-2, M. */
function lettersOf(given: Given, setting: string): { pattern: string; gated: boolean } {
  const letters = given.text(setting)!;
  const layers = given.needed('--num-layers');
  const gated = letters.includes('G') && !letters.includes('M');
  const pattern = gated ? letters.replaceAll('G', 'M') : letters;
  if (isLayerPattern(pattern) && pattern.length === layers) return { pattern, gated };
  throw given.error(setting, `${setting} is '${letters}', with ${layers} layers`, LETTERS);
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
  [PATTERN, OLDER_PATTERN, HEADS, HEAD_DIM, STATE_DIM, GROUPS],
  STATE_PARAMETERS,
  (given) => {
    const setting = [PATTERN, OLDER_PATTERN].find((name) => given.has(name));
    if (setting === undefined) return {};
    const { pattern, gated } = lettersOf(given, setting);
    const state = gated ? gatedDeltaNet(given) : pattern.includes('M') ? stateSpace(given) : {};
    return { 'model.layerPattern': pattern, ...state };
  },
  () => [],
);
