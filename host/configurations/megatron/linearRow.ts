/**
 * Gated delta nets in the place of attention, as Qwen3-Next has them, in Megatron-LM's arguments. Names and defaults: TransformerConfig;
 * which layers: get_transformer_layer_with_experimental_attention_variant_spec (megatron/core/models/gpt).
 */
import { layerKinds, patternLayers } from '../../../psa/layerKinds.js';
import type { ModelPhase } from '../../../psa/space.js';
import type { Given } from '../given.js';
import { type Assignments, modelRow, written } from '../row.js';
import { readLayerList, writtenLayerList } from './layerList.js';

const VARIANT = '--experimental-attention-variant';
const FREQUENCY = '--linear-attention-freq';
const CONVOLUTION = '--linear-conv-kernel-dim';
const KEY_DIM = '--linear-key-head-dim';
const VALUE_DIM = '--linear-value-head-dim';
const KEY_HEADS = '--linear-num-key-heads';
const VALUE_HEADS = '--linear-num-value-heads';

/** What a layer with a state is made of, and which layers are. */
export const STATE_PARAMETERS = [
  'model.layerPattern',
  'model.stateRule',
  'model.stateHeads',
  'model.stateHeadDim',
  'model.stateDim',
  'model.stateGroups',
  'model.stateConvolution',
] as const;

/** The older name, which all releases that have it know, and the newer. */
const GATED_DELTA = ['gated_delta_net', 'gdn'];

/**
 * Does a file have linear attention?
 *
 * @throws CosmicError VALUE_OUT_OF_RANGE where it has another variant of attention
 */
export function hasLinearAttention(given: Given): boolean {
  const variant = given.text(VARIANT);
  if (variant === undefined || variant === 'None' || variant === 'null') return false;
  if (GATED_DELTA.includes(variant)) return true;
  throw given.error(
    VARIANT,
    `${VARIANT} ${variant} is not simulated`,
    `only ${GATED_DELTA.join(' and ')} are: leave it out for attention in full`,
  );
}

/** Are all layers of a model of linear attention or attention, and an MLP, with a rule that Megatron-LM has? */
export function isLinearHybrid(model: ModelPhase): boolean {
  const { layerPattern, stateRule } = model;
  const paired = layerKinds(model).every(({ mixer, mlp }) => mlp !== 'none' && mixer !== 'none' && mixer !== 'abreast');
  return layerPattern !== '' && stateRule === 'gatedDelta' && paired;
}

/** Each so many-th attends; without a number none does. */
function linearLayers(given: Given): boolean[] {
  if (!given.has(FREQUENCY)) return Array.from({ length: given.needed('--num-layers') }, () => true);
  return readLayerList(given, FREQUENCY, (every, layer) => (layer + 1) % every !== 0);
}

/** The letters of each layer of a model by a pattern. */
export function lettersOfLayers({ layerPattern, layers }: ModelPhase): string[] {
  const pattern = patternLayers(layerPattern);
  return Array.from({ length: layers }, (_, layer) => pattern[layer % pattern.length]!);
}

/** The sizes of a state, as TransformerConfig has them where a file is silent. */
export function gatedDeltaNet(given: Given): Assignments {
  return {
    'model.stateRule': 'gatedDelta',
    'model.stateHeads': given.count(VALUE_HEADS, 32),
    'model.stateHeadDim': given.count(VALUE_DIM, 128),
    'model.stateDim': given.count(KEY_DIM, 128),
    'model.stateGroups': given.count(KEY_HEADS, 16),
    'model.stateConvolution': given.count(CONVOLUTION, 4),
  };
}

/** @param mixtures of a file, a truth for each layer */
export function linearRow(mixtures: (given: Given) => readonly boolean[]) {
  return modelRow(
    [VARIANT, FREQUENCY, CONVOLUTION, KEY_DIM, VALUE_DIM, KEY_HEADS, VALUE_HEADS],
    STATE_PARAMETERS,
    (given) => {
      if (!hasLinearAttention(given)) return {};
      const linear = linearLayers(given);
      if (!linear.includes(true)) return {};
      const routed = mixtures(given);
      const pattern = linear.map((is, layer) => `(${is ? 'M' : '*'}${routed[layer] ? 'E' : '-'})`).join('');
      return { 'model.layerPattern': pattern, ...gatedDeltaNet(given) };
    },
    (model) =>
      isLinearHybrid(model)
        ? [
            written(VARIANT, GATED_DELTA[0]!),
            writtenLayerList(
              FREQUENCY,
              lettersOfLayers(model).map((letters) => letters.startsWith('M')),
            ),
            written(CONVOLUTION, model.stateConvolution),
            written(KEY_DIM, model.stateDim),
            written(VALUE_DIM, model.stateHeadDim),
            written(KEY_HEADS, model.stateGroups),
            written(VALUE_HEADS, model.stateHeads),
          ]
        : [],
  );
}
