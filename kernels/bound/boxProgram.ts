/** The boxes of a space as WGSL: the ranges of its slots, the channels of its workload, and what its rounding comes to. See box.wgsl and collective.wgsl. */
import { PARAMETERS, SLOT, SLOT_COUNT } from '../../psa/parameters.js';
import type { CompiledSpace } from '../../psa/space.js';
import { valueText } from '../decode/geneProgram.js';
import { type PackedGenes, packGenes, slotsOf } from '../decode/genes.js';
import { channelsWithin, dispatch, lowerWithin } from '../graphProgram.js';
import { realLiteral } from '../wgslText.js';
import type { Lowering } from '../workload/lowering.js';
import { CHANNEL_GROUPS, COLLECTIVE, channelOf, GROUP } from '../workload/operation.js';
import { structuralGenes } from './box.js';
import { boundMargin } from './margin.js';

const SLOT_CHUNKS = SLOT.collective.chunks;

/** Does a slot hold codes below 32? */
function isCategory(slot: number): boolean {
  const { categories } = PARAMETERS.findLast((parameter) => parameter.slot <= slot)!;
  return categories !== undefined && [...categories.values()].every((code) => code < 32);
}

/** What no gene sets. */
function fixRanges({ values }: PackedGenes, varying: ReadonlySet<number>): string[] {
  const slots = Array.from({ length: SLOT_COUNT }, (_, slot) => slot).filter((slot) => !varying.has(slot));
  return slots.flatMap((slot) => [
    `  most[${slot}u] = ${realLiteral(values[slot]!)};`,
    ...(isCategory(slot) ? [`  codes[${slot}u] = 1u << ${values[slot]}u;`] : []),
  ]);
}

/** Widens the ranges of a gene's slots by each of its digits. */
function readGene(packed: PackedGenes, gene: number): string[] {
  const slots = slotsOf(packed, gene);
  return [
    `fn read_gene_${gene}(first: u32, last: u32) {`,
    ...slots.flatMap((slot) => [
      `  design[${slot}u] = LARGEST;`,
      `  most[${slot}u] = -LARGEST;`,
      ...(isCategory(slot) ? [`  codes[${slot}u] = 0u;`] : []),
      ...(slot === SLOT_CHUNKS ? ['  first_chunks = first;', '  last_chunks = last;'] : []),
    ]),
    '  for (var digit = first; digit <= last; digit++) {',
    ...slots.flatMap((slot, i) => [
      `    let value_${i} = ${valueText(packed, gene, i)};`,
      `    design[${slot}u] = min(design[${slot}u], value_${i});`,
      `    most[${slot}u] = max(most[${slot}u], value_${i});`,
      ...(isCategory(slot) ? [`    codes[${slot}u] |= 1u << u32(value_${i});`] : []),
    ]),
    '  }',
    '}',
  ];
}

/** The number of chunks that a digit of their gene stands for. */
function chunkCount(packed: PackedGenes, genes: readonly number[]): string {
  const gene = genes.find((g) => slotsOf(packed, g).includes(SLOT_CHUNKS));
  const text =
    gene === undefined
      ? realLiteral(packed.values[SLOT_CHUNKS]!)
      : valueText(packed, gene, slotsOf(packed, gene).indexOf(SLOT_CHUNKS));
  return `fn chunk_count(digit: u32) -> f32 { return ${text}; }`;
}

/** Reads the ranges of a box from the rows of its first and last digits. */
function readRanges(space: CompiledSpace): string[] {
  const packed = packGenes(space);
  const genes = Array.from({ length: packed.count }, (_, gene) => gene);
  const structural = new Set(structuralGenes(space));
  const ranged = genes.filter((gene) => !structural.has(gene));
  const varying = new Set(genes.flatMap((gene) => slotsOf(packed, gene)));
  return [
    ...ranged.flatMap((gene) => readGene(packed, gene)),
    chunkCount(packed, ranged),
    'fn read_ranges(first: u32, last: u32) {',
    ...fixRanges(packed, varying),
    `  single = ${ranged.map((gene) => `digits[first + ${gene}u] == digits[last + ${gene}u]`).join(' && ') || 'true'};`,
    ...genes.map((gene) =>
      structural.has(gene)
        ? `  set_gene_${gene}(digits[first + ${gene}u]);`
        : `  read_gene_${gene}(digits[first + ${gene}u], digits[last + ${gene}u]);`,
    ),
    '}',
  ];
}

/** Times the calls of a graph's rows. */
function boundGraphCalls({ calls }: Lowering, number: number): string[] {
  return [
    `fn bound_graph_calls_${number}() {`,
    ...calls.map(([call, [row]]) => `  bound_call(${call}u, ${channelOf(row!)}u);`),
    '}',
  ];
}

/** Kinds of collectives whose phases a channel is made of: an all-reduce may be split into the other two. */
function phasesOf(kind: number): number {
  const { allReduce, allGather, reduceScatter } = COLLECTIVE;
  return (1 << kind) | (kind === allReduce ? (1 << allGather) | (1 << reduceScatter) : 0);
}

/** Bounds all channels that designs may use, group by group. */
function boundChannels(channels: ReadonlySet<number>): string[] {
  const lines = Object.values(GROUP).flatMap((group) => {
    const kinds = [...channels]
      .filter((channel) => channel % CHANNEL_GROUPS === group)
      .map((channel) => Math.floor(channel / CHANNEL_GROUPS));
    if (kinds.length === 0) return [];
    return [
      `  shape_group(${group}u);`,
      `  bound_phases(${kinds.reduce((bits, kind) => bits | phasesOf(kind), 0)}u, ${group}u);`,
      ...kinds.map((kind) => `  bound_channel(${kind}u, ${group}u);`),
    ];
  });
  return ['fn bound_channels() {', ...lines, '}'];
}

/** One graph after the other. */
function boundGraphs(graphs: number): string[] {
  if (graphs === 1) return ['fn bound_graphs() -> u32 { return bound_graph(); }'];
  return [
    'fn bound_graphs() -> u32 {',
    '  var reasons = 0u;',
    `  for (graph = 0u; graph < ${graphs}u; graph++) {`,
    '    reasons |= bound_graph();',
    '  }',
    '  graph = 0u;',
    '  return reasons;',
    '}',
  ];
}

/** What of the bounds of boxes is of one space alone, as WGSL. */
export function boxProgram(space: CompiledSpace): string {
  const lowerings = lowerWithin(space);
  return [
    `const BOUND_MARGIN: f32 = ${boundMargin(space.workload)}f;`,
    ...readRanges(space),
    ...lowerings.flatMap(boundGraphCalls),
    ...dispatch('fn bound_graph_calls()', 'bound_graph_calls_#()', lowerings.length),
    ...boundChannels(channelsWithin(space, lowerings)),
    ...boundGraphs(lowerings.length),
    '',
  ].join('\n');
}
