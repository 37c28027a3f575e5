/**
 * The op graph of one training step as the symbolic tensor graph generator (STG, github.com/astra-sim/symbolic_tensor_graph,
 * 3a7f49c) writes it for its GPT model: multiply-accumulates as operations, elements as bytes, the outputs of an operation as
 * its traffic, in the order of its node numbers, by which ready operations are served.
 */
import { COLLECTIVE } from '../../workload/operation.js';

/** What a design makes of the graph's shape. */
export interface Flags {
  readonly dp: boolean;
  readonly tp: boolean;
  readonly cp: boolean;
  /** weight_sharded: weights gathered over dp, gradients scattered. */
  readonly sharded: boolean;
  /** tpsp: activations between the products split over tp. */
  readonly tpsp: boolean;
}

/**
 * Sizes that operations and payloads are multiples of. b: micro-batch per data-parallel rank, s: local sequence, t: tp,
 * d: model, f: feed-forward, V: vocabulary; tt = t with tpsp, else 1.
 */
export const QUANTITY = {
  /** b·s·d */
  tokens: 0,
  /** b·s·d/t */
  local: 1,
  /** b·s·d/tt : norms and residuals. */
  norm: 2,
  /** b·Seq·d/t : keys of the whole sequence. */
  keys: 3,
  /** b·s·f/t */
  inner: 4,
  /** b·s·d·d/t, multiply-accumulates */
  attentionMacs: 5,
  /** b·s·d·f/t */
  mlpMacs: 6,
  /** d·d/t */
  attentionWeight: 7,
  /** d·f/t */
  mlpWeight: 8,
  /** (4·d·d + 2·d·f)/t : weights of a layer, and the part of them that a rank keeps. */
  weights: 9,
  shard: 10,
  /** b·s·d·V/t */
  vocabularyMacs: 11,
  /** b·s·V/t, and without tpsp b·s·V behind the head. */
  logits: 12,
  headOutput: 13,
  /** V·d, without tpsp V·d/t. */
  vocabularyWeight: 14,
  /** b·s·d/t, without tpsp b·s·d behind the embedding. */
  embeddingOutput: 15,
  /** b·s·f/tt */
  innerWhole: 16,
} as const;
export type Quantity = keyof typeof QUANTITY;
export const QUANTITY_COUNT = 17;

export const GROUP = { dp: 0, tp: 1, cp: 2, pp: 3 } as const;
export type Group = keyof typeof GROUP;

export type Amount = readonly [factor: number, quantity: Quantity];

export interface Row {
  readonly name: string;
  /** Undefined for a computation. */
  readonly collective: number | undefined;
  readonly group: Group;
  /** Multiply-accumulates or element operations of a computation. */
  readonly ops: Amount;
  /** Elements that a computation writes, or a collective's payload. */
  readonly size: Amount;
  /** Names of the rows that it waits for; a row that is left out stands for those that it would have waited for. */
  readonly after: readonly string[];
  readonly present: boolean;
}

/** Names of what a layer is given, by its neighbours, the embedding or the head. */
export const INPUT = 'layer input';
export const OUTPUT_GRADIENT = 'layer output gradient';
/** Names of what it gives them. */
export const OUTPUT = 'MLP residual';
export const INPUT_GRADIENT = 'attention norm bwd';
/** The gradients of its weights, reduced. */
export const GRADIENTS = 'gradients over cp';
/** Gathers of its sharded weights, which wait for nothing: for the forward and the backward pass, in the order in which they run. */
export const GATHERS = ['gather weights', 'gather weights bwd'] as const;

const NOTHING: Amount = [0, 'tokens'];

function compute(name: string, ops: Amount, size: Amount, ...after: string[]): Row {
  return { name, collective: undefined, group: 'dp', ops, size, after, present: true };
}

function communicate(
  name: string,
  collective: keyof typeof COLLECTIVE,
  group: Group,
  size: Quantity,
  present: boolean,
  ...after: string[]
): Row {
  return { name, collective: COLLECTIVE[collective], group, ops: NOTHING, size: [1, size], after, present };
}

/** Enters and leaves the tensor-parallel products: gather and reduce-scatter with tpsp, an all-reduce behind them without. */
function boundaries({ tp, tpsp }: Flags) {
  return {
    enter: (name: string, after: string) => communicate(name, 'allGather', 'tp', 'local', tp && tpsp, after),
    leave: (name: string, after: string) =>
      communicate(name, tpsp ? 'reduceScatter' : 'allReduce', 'tp', 'tokens', tp, after),
  };
}

function attentionRows(flags: Flags): Row[] {
  const { enter, leave } = boundaries(flags);
  const { cp } = flags;
  return [
    compute('attention norm', [5, 'norm'], [1, 'norm'], INPUT),
    compute('attention norm dY', [1, 'norm'], [1, 'norm'], 'reduce QKV dX', 'MLP norm bwd'),
    compute(INPUT_GRADIENT, [5, 'norm'], [1, 'norm'], 'attention norm dY'),
    compute('QKV', [3, 'attentionMacs'], [3, 'local'], 'gather QKV input', 'gather weights'),
    enter('gather QKV input', 'attention norm'),
    compute('Q', [1, 'local'], [1, 'local'], 'QKV'),
    compute('K', [1, 'local'], [1, 'local'], 'QKV'),
    compute('V', [1, 'local'], [1, 'local'], 'QKV'),
    compute('projection', [1, 'attentionMacs'], [1, 'tokens'], 'attention', 'gather weights'),
    leave('reduce projection', 'projection'),
    enter('gather projection dY', 'MLP norm bwd'),
    compute('attention dY', [1, 'attentionMacs'], [1, 'local'], 'gather projection dY', 'gather weights bwd'),
    compute('projection dW', [1, 'attentionMacs'], [1, 'attentionWeight'], 'gather projection dY', 'attention'),
    communicate('reduce dV', 'reduceScatter', 'cp', 'keys', cp, 'dV'),
    communicate('reduce dK', 'reduceScatter', 'cp', 'keys', cp, 'dK'),
    compute('dKV', [2, 'local'], [2, 'local'], 'reduce dV', 'reduce dK'),
    compute('dQKV', [3, 'local'], [3, 'local'], 'dKV', 'dQ'),
    compute('QKV dW', [3, 'attentionMacs'], [3, 'attentionWeight'], 'dQKV', 'gather QKV input again'),
    enter('gather QKV input again', 'attention norm'),
    compute('QKV dX', [3, 'attentionMacs'], [1, 'tokens'], 'dQKV', 'gather weights bwd'),
    leave('reduce QKV dX', 'QKV dX'),
    communicate('gather K', 'allGather', 'cp', 'local', cp, 'K'),
    communicate('gather V', 'allGather', 'cp', 'local', cp, 'V'),
    // The generator's fused attention has no products of sequence by sequence.
    compute('attention', [3, 'local'], [1, 'local'], 'Q', 'gather K', 'gather V'),
    compute('dQ', [6, 'local'], [1, 'local'], 'attention dY'),
    compute('dK', [6, 'local'], [1, 'keys'], 'attention dY'),
    compute('dV', [6, 'local'], [1, 'keys'], 'attention dY'),
    compute('attention residual', [1, 'norm'], [1, 'norm'], 'reduce projection', INPUT),
  ];
}

function mlpRows(flags: Flags): Row[] {
  const { enter, leave } = boundaries(flags);
  return [
    compute('MLP norm', [5, 'norm'], [1, 'norm'], 'attention residual'),
    compute('MLP norm dY', [1, 'norm'], [1, 'norm'], 'reduce MLP dX', OUTPUT_GRADIENT),
    compute('MLP norm bwd', [5, 'norm'], [1, 'norm'], 'MLP norm dY'),
    enter('gather MLP input', 'MLP norm'),
    compute('MLP up', [1, 'mlpMacs'], [1, 'inner'], 'gather MLP input', 'gather weights'),
    compute('MLP down', [1, 'mlpMacs'], [1, 'tokens'], 'MLP up', 'gather weights'),
    leave('reduce MLP', 'MLP down'),
    enter('gather MLP dY', OUTPUT_GRADIENT),
    compute('MLP down dW', [1, 'mlpMacs'], [1, 'mlpWeight'], 'gather MLP dY', 'MLP up'),
    compute('MLP down dX', [1, 'mlpMacs'], [1, 'inner'], 'gather MLP dY', 'gather weights bwd'),
    enter('gather MLP input again', 'MLP norm'),
    compute('MLP up dW', [1, 'mlpMacs'], [1, 'mlpWeight'], 'MLP down dX', 'gather MLP input again'),
    compute('MLP up dX', [1, 'mlpMacs'], [1, 'tokens'], 'MLP down dX', 'gather weights bwd'),
    leave('reduce MLP dX', 'MLP up dX'),
    compute(OUTPUT, [1, 'norm'], [1, 'norm'], 'reduce MLP', 'attention residual'),
  ];
}

/** Gathers that wait for nothing, and reductions, of a layer's weights. */
function weightRows({ dp, cp, sharded }: Flags): Row[] {
  const reduction = sharded ? 'reduceScatter' : 'allReduce';
  const products = ['QKV dW', 'projection dW', 'MLP up dW', 'MLP down dW'];
  return [
    communicate('gather weights', 'allGather', 'dp', 'shard', dp && sharded),
    communicate('gradients over dp', reduction, 'dp', 'weights', dp, ...products),
    communicate(GRADIENTS, 'allReduce', 'cp', 'weights', cp, 'gradients over dp'),
    communicate('gather weights bwd', 'allGather', 'dp', 'shard', dp && sharded),
  ];
}

/** The rows of one layer and micro-batch, in the order of their node numbers. */
export function layerRows(flags: Flags): Row[] {
  return [...attentionRows(flags), ...mlpRows(flags), ...weightRows(flags)];
}

/** Rows of a layer at most. */
export const WIDEST_LAYER = layerRows({ dp: true, tp: true, cp: true, sharded: true, tpsp: true }).length;

/** What the generator makes of the first layer's input and the last one's gradient: both whole again without tpsp. */
export function firstLayerRows({ tp, tpsp }: Flags): Row[] {
  return [communicate('reduce embedding', 'allReduce', 'tp', 'tokens', tp && !tpsp, 'embedding')];
}

export function lastLayerRows({ tp, tpsp }: Flags): Row[] {
  return [communicate('gather head dX', 'allGather', 'tp', 'local', tp && !tpsp, 'head dX')];
}

/** The embedding: a product over the whole vocabulary, with a gradient of its input that nobody uses. */
export function embeddingRows(): Row[] {
  return [
    compute('embedding', [1, 'vocabularyMacs'], [1, 'embeddingOutput']),
    compute('embedding dW', [1, 'vocabularyMacs'], [1, 'vocabularyWeight'], INPUT_GRADIENT),
    compute('embedding dX', [1, 'vocabularyMacs'], [1, 'logits'], INPUT_GRADIENT),
  ];
}

export function headRows({ tp, tpsp }: Flags): Row[] {
  return [
    compute('head', [1, 'vocabularyMacs'], [1, 'headOutput'], OUTPUT),
    compute('head dW', [1, 'vocabularyMacs'], [1, 'vocabularyWeight'], 'loss bwd', OUTPUT),
    compute('head dX', [1, 'vocabularyMacs'], [1, 'local'], 'loss bwd'),
    communicate('reduce logits', 'allReduce', 'tp', 'headOutput', tp && !tpsp, 'head'),
    compute('loss', [5, 'norm'], [1, 'norm'], 'reduce logits'),
    compute('loss bwd', [5, 'norm'], [1, 'norm'], 'loss'),
  ];
}

/** The sum of the micro-batches' gradients of a layer, or of an edge. */
export function sumRows(edge: boolean): Row[] {
  const size: Quantity = edge ? 'vocabularyWeight' : 'shard';
  return [compute('sum gradients', [1, size], [1, size])];
}

/** The update of weights; those of an edge are whole, and their gradients are reduced once a step. */
export function updateRows({ dp, tp, cp, tpsp }: Flags, edge: boolean): Row[] {
  const size: Quantity = edge ? 'vocabularyWeight' : 'shard';
  return [
    compute('update', [1, size], [1, size], 'reduce over cp'),
    communicate('reduce over dp', 'allReduce', 'dp', size, edge && dp, 'sum gradients'),
    communicate('reduce over tp', 'allReduce', 'tp', size, edge && tp && tpsp, 'reduce over dp'),
    communicate('reduce over cp', 'allReduce', 'cp', size, edge && cp, 'reduce over tp'),
  ];
}

/** Activations, or their gradients, to another stage; the head's gradient is not whole yet without tpsp. */
export function sendRow(name: string, size: Quantity): Row {
  return { name, collective: undefined, group: 'pp', ops: NOTHING, size: [1, size], after: [], present: true };
}

/** The rows of a piece of the graph that are there, and what each waits for. */
export interface Block {
  readonly rows: readonly Row[];
  /** Places of the rows of this block that each one waits for, and names of those elsewhere. */
  readonly inner: readonly (readonly number[])[];
  readonly outer: readonly (readonly string[])[];
  /** Places of the rows that a name stands for: a row that is left out stands for those that it would have waited for. */
  readonly placesOf: (name: string) => readonly number[];
  readonly placeOf: (name: string) => number;
}

export function blockOf(all: readonly Row[]): Block {
  const rows = all.filter(({ present }) => present);
  const places = new Map(rows.map(({ name }, place) => [name, place]));
  const absent = new Map(all.filter(({ present }) => !present).map(({ name, after }) => [name, after]));
  const expand = (name: string): readonly string[] => absent.get(name)?.flatMap(expand) ?? [name];
  const names = rows.map(({ after }) => [...new Set(after.flatMap(expand))]);
  return {
    rows,
    inner: names.map((list) => list.flatMap((name) => places.get(name) ?? [])),
    outer: names.map((list) => list.filter((name) => !places.has(name))),
    placesOf: (name) => expand(name).map((expanded) => places.get(expanded)!),
    placeOf: (name) => places.get(name)!,
  };
}
