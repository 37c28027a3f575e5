/** The op-graph tables of docs/model.md say what kernels/workload says, row by row and number by number. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import jsep from 'jsep';
import { describe, expect, it } from 'vitest';
import { STATUSES } from '../kernels/outputs.js';
import { type Operation, SCALE, type Term } from '../kernels/workload/operation.js';
import { opGraph, SECTIONS, type Section } from '../kernels/workload/transformer.js';
import { loadModel } from '../psa/model.js';
import { packageRoot } from '../psa/packageRoot.js';
import type { ModelPhase } from '../psa/space.js';

const text = readFileSync(join(packageRoot, 'docs', 'model.md'), 'utf8');

type Row = Record<string, string>;
type Symbols = Record<string, number>;

/** The rows of the Markdown table that follows a marker, by the names of their columns. */
function tableAfter(marker: string): Row[] {
  const lines = text.slice(text.indexOf(marker)).split('\n').slice(1);
  const table = lines.slice(0, lines.indexOf('')).map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
  const [heading, , ...rows] = table;
  return rows.map((cells) => Object.fromEntries(cells.map((cell, i) => [heading![i]!, cell])));
}

/** Those of layers with a state. */
function stateSymbols(m: ModelPhase): Symbols {
  const inner = m.stateHeads * m.stateHeadDim;
  const group = m.stateGroups * m.stateDim;
  const keys = m.stateHeads * m.stateDim;
  const chunk = Math.min(m.stateChunk, m.seq);
  const delta = m.stateRule === 'gatedDelta' || m.stateRule === 'kimiDelta';
  const gated = m.stateRule === 'kimiDelta';
  const ofRule = { mamba2: m.stateHeads, lightning: 0, gatedDelta: 2 * m.stateHeads, kimiDelta: m.stateHeads + keys };
  const made = 2 * inner + 2 * group + ofRule[m.stateRule];
  return {
    I: inner,
    G: group,
    J: keys,
    A: m.stateHeads,
    M: made,
    x: m.stateGateRank > 0 ? made - inner - keys : made,
    R: m.stateGateRank,
    T: { mamba2: 7, lightning: 6, gatedDelta: 8, kimiDelta: 8 }[m.stateRule],
    D: delta ? 1 : 0,
    L: delta ? 0 : 1,
    X: gated ? 1 : 0,
    U: gated ? 0 : 1,
    F: group < keys ? group : 0,
    K: m.stateConvolution,
    Q: chunk,
    H: m.stateGroups,
    N: m.stateDim,
    Z: Math.ceil(m.seq / chunk) * inner * m.stateDim,
  };
}

/** The symbols of the tables; each scale stands for a number of its own, so that a wrong one shows. */
function symbolsOf(m: ModelPhase): Symbols {
  const scales = Object.entries(SCALE).map(([name, place]) => [name, Math.sqrt(place + 2)]);
  return {
    ...Object.fromEntries(scales),
    s: m.seq,
    c: m.context,
    h: m.hidden,
    f: m.ffn,
    w: m.heads * m.headDim,
    v: m.heads * m.valueDim,
    u: m.kvHeads * m.headDim,
    y: m.kvHeads * m.valueDim,
    a: m.heads,
    V: m.vocab,
    e: m.embedDim,
    P: m.patch,
    C: m.classes,
    E: m.experts,
    r: m.experts > 1 ? m.expertsPerToken : 1,
    g: m.gated ? 2 : 1,
    o: m.dropout ? 1 : 0,
    k: m.causal ? 0.5 : 1,
    t: m.sharedFfn > 0 ? 1 : 0,
    S: m.sharedFfn,
    j: m.phase === 'decode' ? m.window : m.seq * m.window - m.window ** 2 / 2,
    q: m.queryRank,
    l: m.kvRank,
    p: m.ropeDim,
    n: m.heads * (m.headDim - m.ropeDim),
    i: m.queryRank || m.hidden,
    z: m.vocab > 0 && m.phase === 'training' ? m.seq : 1,
    d: m.expertLatent || m.hidden,
    b: m.attentionGate ? m.heads * m.valueDim : 0,
    ...stateSymbols(m),
  };
}

function evaluate(node: jsep.Expression, symbols: Symbols): number {
  const expression = node as jsep.CoreExpression;
  if (expression.type === 'Literal') return Number(expression.value);
  if (expression.type === 'Identifier' && symbols[expression.name] !== undefined) return symbols[expression.name]!;
  if (expression.type === 'BinaryExpression') {
    const left = evaluate(expression.left, symbols);
    const right = evaluate(expression.right, symbols);
    return expression.operator === '*' ? left * right : left + right;
  }
  throw new Error(`the tables have no ${JSON.stringify(expression)}`);
}

function documented(cell: string, symbols: Symbols): number {
  return cell === '–' ? 0 : evaluate(jsep(cell.replaceAll('·', '*')), symbols);
}

function inCode([coefficient, scale]: Term, symbols: Symbols): number {
  return coefficient * symbols[scale]!;
}

function kindOf(op: Operation): string {
  const hyphenated = op.collective.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  return op.kind === 'collective' ? `${hyphenated}, ${op.group}` : op.kind;
}

const SAID = new Set(['gradientsAdded', 'weightsCopied', 'gradientsCopied', 'sequencesJoined']);

/** What the forward layer runs a second time, sums of gradients and copies of shards are described in sentences, not in rows. */
function inSentences({ when }: Operation): boolean {
  return Object.entries(when).some(([flag, wanted]) => wanted && (flag.startsWith('recompute') || SAID.has(flag)));
}

const CONDITIONS: Record<string, Operation['when']> = {
  sequenceParallel: { sequenceParallel: true },
  'not sequenceParallel': { sequenceParallel: false },
  fused: { fusedAttention: true },
  unfused: { fusedAttention: false },
  'not full recomputation': { recomputeAll: false },
  gathered: { exchangeHeads: false },
  exchanged: { exchangeHeads: true },
  ring: { contextRing: true },
  together: { expertsApart: false },
  apart: { expertsApart: true },
  spread: { expertsSpread: true },
  'each copy': { expertsByNode: false },
  'by node': { expertsByNode: true },
  'no masks': { dispatchMasks: false },
  masks: { dispatchMasks: true },
  'biases apart': { expertBiasApart: true },
  'rotations apart': { rotaryApart: true },
  'rotations copied': { rotaryCopied: true },
};

/** What a row asks of a design; its other conditions are the model's. */
function conditionsOf(cell: string): Operation['when'] {
  return Object.assign({}, ...cell.split(', ').map((condition) => CONDITIONS[condition] ?? {}));
}

function compareRow(op: Operation, row: Row, symbols: Symbols): void {
  expect(row.kind, op.name).toBe(kindOf(op));
  expect(conditionsOf(row['runs if']!), op.name).toEqual(op.when);
  const columns: [string, Term][] = [
    ['FLOPs', op.flops],
    ['reads, or payload', op.input],
    ['weights', op.weight],
    ['writes', op.output],
  ];
  if (row.keeps !== undefined) columns.push(['keeps', op.saved]);
  for (const [column, term] of columns) {
    expect(documented(row[column]!, symbols), `${op.name}, ${column}`).toBeCloseTo(inCode(term, symbols), 3);
  }
  if (row.waits !== undefined) expect(row.waits, op.name).toBe(op.join);
}

const MODELS = [
  'gpt3-175b',
  'llama3-70b',
  'mixtral-8x7b',
  'vit-large',
  'gpt3-175b-qa',
  'gemma3-27b',
  'gpt-j-6b',
  'gpt-oss-120b',
  'nemotron-h-8b',
  'nemotron3-super-120b-a12b',
  'qwen3-next-80b-a3b',
  'minimax-text-01',
  'falcon-h1-7b',
];

/** A model whose layers have MLPs of one kind, so that a row stands for one size; attention may have two. */
function phases(): ModelPhase[] {
  const [deepseek] = loadModel('deepseek-v3').phases as [ModelPhase];
  const [gemma] = loadModel('gemma3-27b').phases as [ModelPhase];
  const [hybrid] = loadModel('nemotron3-super-120b-a12b').phases as [ModelPhase];
  const [kimi] = loadModel('kimi-linear-48b-a3b').phases as [ModelPhase];
  const [gatedDelta] = loadModel('qwen3-next-80b-a3b').phases as [ModelPhase];
  return [
    ...MODELS.flatMap((model) => loadModel(model).phases),
    ...loadModel(join(packageRoot, 'test', 'data', 'models', 'opt-350m.json')).phases,
    { ...deepseek, leadingDense: 0 },
    { ...deepseek, leadingDense: 0, phase: 'decode', seq: 1 },
    { ...gemma, phase: 'decode', seq: 1 },
    { ...hybrid, phase: 'prefill' },
    { ...hybrid, phase: 'decode', seq: 1 },
    { ...kimi, layers: 4, layerPattern: '(ME)(ME)(ME)(*E)' },
    { ...gatedDelta, phase: 'decode', seq: 1 },
  ];
}

function documentedRows(section: Section): Row[] {
  return tableAfter(`<!-- graph: ${section} -->`);
}

describe.each(phases().map((phase) => [`${phase.model} ${phase.phase}`, phase] as const))('%s', (_, phase) => {
  it.each(SECTIONS)('%s', (section) => {
    const operations = opGraph(phase)[section].filter((op) => !inSentences(op));
    const symbols = symbolsOf(phase);
    const rows = documentedRows(section);
    const order = rows.map((row) => row.operation!).filter((name) => operations.some((op) => op.name === name));
    // An MLP beside attention lies between that one's rows.
    if (!phase.parallelBlock) expect(operations.map(({ name }) => name)).toEqual(order);
    for (const op of operations) {
      expect(rows.map((row) => row.operation)).toContain(op.name);
      // Inference keeps nothing.
      const row = { ...rows.find((candidate) => candidate.operation === op.name)! };
      if (phase.phase !== 'training') delete row.keeps;
      compareRow(op, row, symbols);
    }
  });
});

it('has no row that no model runs', () => {
  const names = new Set(
    phases().flatMap((m) => SECTIONS.flatMap((section) => opGraph(m)[section].map((op) => op.name))),
  );
  const extra = SECTIONS.flatMap(documentedRows).filter((row) => !names.has(row.operation!));
  expect(extra).toEqual([]);
});

it('lists every status', () => {
  const listed = [...text.matchAll(/^\| `([A-Z]+)` \|/gm)].map(([, name]) => name);
  expect(listed).toEqual(STATUSES.map(({ name }) => name));
});
