/**
 * The genes of a space as WGSL: sizes, slots and fixed values are constants there, so that a design lives in registers and what
 * no gene changes is folded. What the functions mean is said in decode.wgsl and decode.ts.
 */
import { SLOT_COUNT } from '../../psa/parameters.js';
import type { CompiledSpace } from '../../psa/space.js';
import { realLiteral } from '../wgslText.js';
import { FEATURES, hasFeature } from './features.js';
import { columnOf, GENE_STRIDE, type PackedGenes, packGenes, slotsOf } from './genes.js';

/** Is this the sum, exactly, so that no rounding differs from the table's? */
function isArithmetic(values: readonly number[], first: number, step: number): boolean {
  const exact = (value: number): boolean => Math.fround(value) === value;
  return exact(step) && values.every((value, digit) => exact(step * digit) && value === first + step * digit);
}

/** The value of a digit: computed where the values are a series without rounding, else read from the table. */
export function valueText(packed: PackedGenes, gene: number, column: number): string {
  const values = columnOf(packed, gene, column);
  const [first, second = first] = values as [number, number?];
  if (isArithmetic(values, first, second - first)) {
    return first === second
      ? realLiteral(first)
      : `${realLiteral(first)} + ${realLiteral(second - first)} * f32(digit)`;
  }
  if (values.every((value, digit) => value === first * 2 ** digit)) {
    return `bitcast<f32>(${new Uint32Array(Float32Array.of(first).buffer)[0]}u + (digit << 23u))`;
  }
  const [, slots, , table] = packed.genes.subarray(gene * GENE_STRIDE);
  return `gene_values[${table! + column}u + digit * ${slots}u]`;
}

function setGene(packed: PackedGenes, gene: number): string[] {
  const lines = slotsOf(packed, gene).map((slot, i) => `  design[${slot}u] = ${valueText(packed, gene, i)};`);
  return [`fn set_gene_${gene}(digit: u32) {`, ...lines, '}'];
}

/** What no gene sets. */
function fixDesign(packed: PackedGenes): string[] {
  const genes = Array.from({ length: packed.count }, (_, gene) => gene);
  const varying = new Set(genes.flatMap((gene) => slotsOf(packed, gene)));
  const fixed = Array.from({ length: SLOT_COUNT }, (_, slot) => slot).filter((slot) => !varying.has(slot));
  return [
    'fn fix_design() {',
    ...fixed.map((slot) => `  design[${slot}u] = ${realLiteral(packed.values[slot]!)};`),
    '}',
  ];
}

/**
 * Genes of a function: each that may end it nests those after it one level deeper, and llvmpipe crashes beyond 80 levels
 * (LP_MAX_TGSI_NESTING in Mesa's lp_limits.h).
 */
const GENES_TOGETHER = 16;

/** From the fastest gene to the slowest: as many as the carry reaches, or all of a whole design; tells whether it goes further. */
function decodeGenes(packed: PackedGenes, first: number, end: number): string[] {
  const lines: string[] = [];
  for (let gene = end - 1; gene >= first; gene--) {
    const [size, , , , changes] = packed.genes.subarray(gene * GENE_STRIDE);
    lines.push(
      `  digit = next_digit(${gene}u, ${size}u);`,
      `  set_gene_${gene}(digit);`,
      `  changed |= ${changes}u;`,
      ...(gene > first ? ['  if (digit != 0u && !whole) { return false; }'] : []),
    );
  }
  return [
    `fn decode_genes_${first}(whole: bool) -> bool {`,
    '  var digit = 0u;',
    ...lines,
    '  return digit == 0u || whole;',
    '}',
  ];
}

function decodeOrdinal(packed: PackedGenes): string[] {
  const firsts = Array.from({ length: Math.ceil(packed.count / GENES_TOGETHER) }, (_, i) => i * GENES_TOGETHER);
  const blocks = firsts.map((first) => decodeGenes(packed, first, Math.min(first + GENES_TOGETHER, packed.count)));
  const calls = firsts.toReversed().map((first) => `decode_genes_${first}(whole)`);
  return [
    ...blocks.flat(),
    'fn decode_ordinal(index: u32, whole: bool) -> u32 {',
    '  carry = index;',
    '  changed = 0u;',
    // All digits are 0 in the first design of a space alone, which is decoded whole.
    `  let first = ${calls.join(' && ') || 'true'};`,
    '  return select(changed, CHANGED_ALL, whole || first);',
    '}',
  ];
}

/**
 * Blocks of random words that are written out one by one, so that all words live in registers. Beyond, a loop fills a list: designs of
 * so many genes fit in no registers anyway, and what drivers inline for all blocks of the space that opens every parameter is a third
 * of its kernels.
 */
const BLOCKS_WRITTEN_OUT = 32;

/** Two genes take the words of a block. */
function setFrom(packed: PackedGenes, gene: number, words: string): string {
  const word = gene % 2 === 0 ? 'x' : 'y';
  return `  set_gene_${gene}(${words}.${word} % ${packed.genes[gene * GENE_STRIDE]}u);`;
}

function decodeSample(packed: PackedGenes): string[] {
  const genes = Array.from({ length: packed.count }, (_, gene) => gene);
  const blocks = Math.ceil(packed.count / 2);
  const draw = (block: string) => `threefry2x32(vec2<u32>(request.seed, ${block}), counter)`;
  const writtenOut = genes.flatMap((gene) => [
    ...(gene % 2 === 0 ? [`  words = ${draw(`${gene / 2}u`)};`] : []),
    setFrom(packed, gene, 'words'),
  ]);
  const lines =
    blocks <= BLOCKS_WRITTEN_OUT
      ? ['  var words = counter;', ...writtenOut]
      : [
          `  var words: array<vec2<u32>, ${blocks}>;`,
          `  for (var pair = 0u; pair < ${blocks}u; pair++) {`,
          `    words[pair] = ${draw('pair')};`,
          '  }',
          ...genes.map((gene) => setFrom(packed, gene, `words[${gene >> 1}u]`)),
        ];
  return ['fn decode_sample(counter: vec2<u32>) {', ...lines, '}'];
}

/** Reads a row of digits that begins at `row` of their buffer. */
function decodeDigits(packed: PackedGenes): string[] {
  const lines = Array.from({ length: packed.count }, (_, gene) => `  set_gene_${gene}(digits[row + ${gene}u]);`);
  return ['fn decode_digits(row: u32) {', ...lines, '}'];
}

/** The genes of a space as WGSL: GENE_COUNT, `fix_design` and the functions that decode.wgsl calls. */
export function geneProgram(space: CompiledSpace): string {
  const packed = packGenes(space);
  const genes = Array.from({ length: packed.count }, (_, gene) => gene);
  return [
    `const GENE_COUNT: u32 = ${packed.count}u;`,
    ...FEATURES.map((feature) => `const ${feature.constant}: bool = ${hasFeature(space, feature)};`),
    ...genes.flatMap((gene) => setGene(packed, gene)),
    ...fixDesign(packed),
    ...decodeOrdinal(packed),
    ...decodeSample(packed),
    ...decodeDigits(packed),
    '',
  ].join('\n');
}
