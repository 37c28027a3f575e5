/** The kinds of layers that a model consists of, and how many there are of each. */
import type { ModelPhase } from './space.js';

/** What mixes the tokens of a layer, attention and a state abreast if both read one norm; and its MLP, a mixture where experts take turns. */
export type Mixer = 'attention' | 'stateSpace' | 'abreast' | 'none';
export type LayerMlp = 'dense' | 'experts' | 'none';

export interface LayerKind {
  readonly layers: number;
  readonly mixer: Mixer;
  /** The tokens that its attention looks at: the last `window`, or all of them. */
  readonly window: number | undefined;
  readonly mlp: LayerMlp;
  /** Width of its MLP, of an expert; 0 without one. */
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

/** Blocks by their letter in a pattern, as Nemotron-H's configurations have it (arXiv 2504.03624). */
const BLOCKS: Readonly<Record<string, Pick<LayerKind, 'mixer' | 'mlp'>>> = {
  M: { mixer: 'stateSpace', mlp: 'none' },
  '*': { mixer: 'attention', mlp: 'none' },
  B: { mixer: 'abreast', mlp: 'none' },
  '-': { mixer: 'none', mlp: 'dense' },
  E: { mixer: 'none', mlp: 'experts' },
};

/** Has a layer attention, alone or abreast of a state? */
export function attends({ mixer }: Pick<LayerKind, 'mixer'>): boolean {
  return mixer === 'attention' || mixer === 'abreast';
}

/** Has a layer a state, alone or abreast of attention? */
export function hasState({ mixer }: Pick<LayerKind, 'mixer'>): boolean {
  return mixer === 'stateSpace' || mixer === 'abreast';
}

/**
 * The layers of a pattern, the letters of each: one, or those in brackets.
 *
 * @example
 * patternLayers('(ME)(*E)'); // ['ME', '*E']
 */
export function patternLayers(layerPattern: string): string[] {
  return [...layerPattern.matchAll(/\((..)\)|(.)/g)].map(([, both, one]) => both ?? one!);
}

function blocksOfLetters(letters: string): Pick<LayerKind, 'mixer' | 'mlp'> {
  if (letters.length === 1) return BLOCKS[letters]!;
  return { mixer: BLOCKS[letters[0]!]!.mixer, mlp: BLOCKS[letters[1]!]!.mlp };
}

function blocksAt(m: ModelPhase, pattern: readonly string[], layer: number): Pick<LayerKind, 'mixer' | 'mlp'> {
  if (pattern.length > 0) return blocksOfLetters(pattern[layer % pattern.length]!);
  return { mixer: 'attention', mlp: mixtures(m, layer + 1) > mixtures(m, layer) ? 'experts' : 'dense' };
}

/** A layer of these blocks. */
function kindOf(m: ModelPhase, layer: number, { mixer, mlp }: Pick<LayerKind, 'mixer' | 'mlp'>): LayerKind {
  const isLocal = m.globalEvery === 0 || (layer + 1) % m.globalEvery !== 0;
  const looksBack = attends({ mixer }) && m.window > 0 && m.window < m.context && isLocal;
  const ffn = mlp === 'none' ? 0 : mlp === 'experts' || m.experts === 1 ? m.ffn : m.denseFfn;
  return { layers: 1, mixer, window: looksBack ? m.window : undefined, mlp, ffn, mtp: false };
}

/** A layer that predicts a later token is like the last; with a pattern it is attention, and the mixture or MLP. */
function predictingKind(m: ModelPhase, last: LayerKind): LayerKind {
  if (m.layerPattern === '') return { ...last, layers: 1, mtp: true };
  return { ...kindOf(m, 0, { mixer: 'attention', mlp: m.experts > 1 ? 'experts' : 'dense' }), mtp: true };
}

const alike = (a: LayerKind, b: LayerKind): boolean =>
  a.mixer === b.mixer && a.window === b.window && a.mlp === b.mlp && a.mtp === b.mtp;

/**
 * The kinds of a model's layers, in the order in which they first come; layers that predict a later token are like the last.
 *
 * @example
 * layerKinds(loadModel('deepseek-v3').phases[0]); // 3 dense layers, 58 mixtures, 1 mixture that predicts a later token
 */
export function layerKinds(m: ModelPhase): LayerKind[] {
  const pattern = patternLayers(m.layerPattern);
  const kindAt = (layer: number): LayerKind => kindOf(m, layer, blocksAt(m, pattern, layer));
  const uniform = m.experts === 1 && m.window === 0 && m.layerPattern === '';
  const model = uniform ? [{ ...kindAt(0), layers: m.layers }] : Array.from({ length: m.layers }, (_, i) => kindAt(i));
  const mtpLayers = m.phase === 'training' ? m.mtpLayers : 0;
  const predicting = Array.from({ length: mtpLayers }, () => predictingKind(m, model.at(-1)!));
  const kinds: LayerKind[] = [];
  for (const layer of [...model, ...predicting]) {
    const place = kinds.findIndex((kind) => alike(kind, layer));
    if (place < 0) kinds.push(layer);
    else kinds[place] = { ...kinds[place]!, layers: kinds[place]!.layers + layer.layers };
  }
  return kinds;
}

/** Blocks of a layer: of a transformer's two, of one in a pattern one. */
export function blocksOf({ mixer, mlp }: LayerKind): number {
  return (mixer === 'none' ? 0 : 1) + (mlp === 'none' ? 0 : 1);
}

/** Is nothing behind the mixer in all layers of such a kind? */
export function endsWithMixer(m: ModelPhase, isSuch: (kind: LayerKind) => boolean): boolean {
  return layerKinds(m).every((kind) => !isSuch(kind) || kind.mlp === 'none');
}

/** How often a layer of such a kind comes in the mean of all layers: more than once in all where some predict a later token beside them. */
export function shareOf(m: ModelPhase, isSuch: (kind: LayerKind) => boolean): number {
  return layerKinds(m).reduce((sum, kind) => sum + (isSuch(kind) ? kind.layers : 0), 0) / m.layers;
}
