/** The kinds of layers that a model consists of, and how many there are of each. */
import type { ModelPhase } from './space.js';

export interface LayerKind {
  readonly layers: number;
  /** The tokens that its attention looks at: the last `window`, or all of them. */
  readonly window: number | undefined;
  /** Is its MLP a mixture of experts, and how wide is it (an expert)? */
  readonly routed: boolean;
  readonly ffn: number;
  /** Does it predict a later token, beside the model's own layers? */
  readonly mtp: boolean;
}

/** Layers whose number (from 1) is a multiple of `every`, of the first `layers`. */
function multiples(layers: number, every: number): number {
  return every === 0 ? 0 : Math.floor(layers / every);
}

/** How many of the first `layers` are a mixture; in Hugging Face's configurations dense ones lead, and each n-th is one. */
function mixtures({ experts, leadingDense, mixtureEvery }: ModelPhase, layers: number): number {
  if (experts === 1) return 0;
  return multiples(layers, mixtureEvery) - multiples(Math.min(layers, leadingDense), mixtureEvery);
}

function kindAt(m: ModelPhase, layer: number): LayerKind {
  const looksBack = m.window > 0 && m.window < m.context && (m.globalEvery === 0 || (layer + 1) % m.globalEvery !== 0);
  const routed = mixtures(m, layer + 1) > mixtures(m, layer);
  const ffn = routed || m.experts === 1 ? m.ffn : m.denseFfn;
  return { layers: 1, window: looksBack ? m.window : undefined, routed, ffn, mtp: false };
}

const alike = (a: LayerKind, b: LayerKind): boolean =>
  a.window === b.window && a.routed === b.routed && a.mtp === b.mtp;

/**
 * The kinds of a model's layers, in the order in which they first come; layers that predict a later token are like the last.
 *
 * @example
 * layerKinds(loadModel('deepseek-v3').phases[0]); // 3 dense layers, 58 mixtures, 1 mixture that predicts a later token
 */
export function layerKinds(m: ModelPhase): LayerKind[] {
  const uniform = m.experts === 1 && m.window === 0;
  const model = uniform
    ? [{ ...kindAt(m, 0), layers: m.layers }]
    : Array.from({ length: m.layers }, (_, i) => kindAt(m, i));
  const mtpLayers = m.phase === 'training' ? m.mtpLayers : 0;
  const predicting = Array.from({ length: mtpLayers }, () => ({ ...model.at(-1)!, layers: 1, mtp: true }));
  const kinds: LayerKind[] = [];
  for (const layer of [...model, ...predicting]) {
    const place = kinds.findIndex((kind) => alike(kind, layer));
    if (place < 0) kinds.push(layer);
    else kinds[place] = { ...kinds[place]!, layers: kinds[place]!.layers + layer.layers };
  }
  return kinds;
}
