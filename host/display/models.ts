/** The models of a workload: their sizes, their layers, and what was read of configurations of transformers. */
import { productFlops } from '../../kernels/workload/header.js';
import { type ModelSize, modelSize } from '../../kernels/workload/modelSize.js';
import { opGraph } from '../../kernels/workload/transformer.js';
import type { ConfigReading } from '../../psa/huggingFace/read.js';
import { hasState, type LayerKind, layerKinds } from '../../psa/layerKinds.js';
import type { ModelPhase, Workload } from '../../psa/space.js';

export interface ModelDescription extends ModelSize {
  readonly model: string;
  readonly layers: readonly LayerKind[];
}

/** The models of a workload, each once, as its first phase has it. */
function firstPhases({ phases }: Workload): ModelPhase[] {
  return phases.filter(({ model }, i) => phases.findIndex((other) => other.model === model) === i);
}

/**
 * Sizes and layers of the models of a workload.
 *
 * @example
 * describeModels(space.workload)[0].activeParameters;
 */
export function describeModels(workload: Workload): ModelDescription[] {
  return firstPhases(workload).map((m) => ({
    model: m.model,
    ...modelSize(m, productFlops(m, opGraph(m))),
    layers: layerKinds(m),
  }));
}

const billions = (count: number): string => `${(count / 1e9).toPrecision(4)} B`;

const MIXER_TEXT = {
  attention: 'of attention',
  stateSpace: 'with a state',
  abreast: 'of attention and a state abreast',
  none: '',
} as const;

const MIXER_BESIDE_MLP = {
  attention: '',
  stateSpace: 'with a state, ',
  abreast: 'of attention and a state abreast, ',
  none: 'of one block, ',
} as const;

/** A layer by its MLP, and by what it has in place of attention; one without an MLP is its mixer alone. */
function blocksText({ mixer, mlp }: LayerKind): string {
  if (mlp === 'none') return MIXER_TEXT[mixer];
  return `${MIXER_BESIDE_MLP[mixer]}${mlp === 'experts' ? 'with experts' : 'dense'}`;
}

function kindText(kind: LayerKind): string {
  const { layers, window, mtp } = kind;
  const attention = window === undefined ? '' : `, attention over ${window} tokens`;
  return `${layers} ${blocksText(kind)}${attention}${mtp ? ', predicting a later token' : ''}`;
}

function sizeLine(m: ModelDescription): string {
  const active = m.activeParameters < m.parameters ? `, ${billions(m.activeParameters)} active` : '';
  const mtp = m.mtpParameters > 0 ? `, ${billions(m.mtpParameters)} more to predict later tokens` : '';
  const flops = `${(m.forwardFlopsFull / 1e9).toPrecision(4)} GFLOP a token forward with attention in full`;
  const causal = `${(m.forwardFlopsCausal / 1e9).toPrecision(4)} without its masked half`;
  return `${m.model}: ${billions(m.parameters)} parameters${active}${mtp}; ${flops}, ${causal}`;
}

function readingLines({ family, read, withoutEffect, notes }: ConfigReading): string[] {
  return [
    `read as ${family}: ${read.map(({ field, value }) => `${field} ${shortText(value)}`).join(', ')}`,
    ...(withoutEffect.length === 0 ? [] : [`without effect on time and memory: ${withoutEffect.join(', ')}`]),
    ...notes.map((note) => `note: ${note}`),
  ];
}

/** Lists and mappings are named by their length alone. */
function shortText(value: unknown): string {
  if (Array.isArray(value)) return `(${value.length} values)`;
  return typeof value === 'object' && value !== null ? `(${Object.keys(value).length} fields)` : String(value);
}

/** The models of a workload for people, a line each, and what was read of their configurations. */
export function modelLines(workload: Workload): string[] {
  const sizes = describeModels(workload).flatMap((model) => [
    sizeLine(model),
    ...(model.layers.length > 1 || model.layers.some(hasState)
      ? [`  layers: ${model.layers.map(kindText).join('; ')}`]
      : []),
  ]);
  return [...sizes, ...(workload.readings ?? []).flatMap(readingLines)];
}
