/**
 * The rows of a population as WGSL: where a space's digits lie in them are constants there, so that a row lives in registers.
 * What the functions mean is said in breeding.wgsl.
 */
import type { CompiledSpace } from '../../psa/space.js';
import { type Field, rowLayout } from './rows.js';

function maskOf({ bits }: Field): string {
  return `${2 ** bits - 1}u`;
}

/** WGSL has no empty arrays. */
function list(name: string, values: readonly number[]): string {
  const listed = values.length > 0 ? values : [1];
  return `const ${name} = array<u32, ${listed.length}>(${listed.map((value) => `${value}u`).join(', ')});`;
}

function decodeRow(fields: readonly Field[]): string[] {
  const lines = fields.map((field, gene) => {
    const { word, shift } = field;
    return `  set_gene_${gene}((row[${word}u] >> ${shift}u) & ${maskOf(field)});`;
  });
  return ['fn decode_row() {', ...lines, '}'];
}

/** The fields that random bits choose, one bit a gene and a word of them for 32 genes. */
function drawMask(fields: readonly Field[]): string[] {
  const lines = fields.flatMap((field, gene) => {
    const { word, shift } = field;
    return [
      ...(gene % 32 === 0 ? ['  bits = next_word();'] : []),
      `  mask[${word}u] |= (${maskOf(field)} << ${shift}u) & all_if(bits, ${gene % 32}u);`,
    ];
  });
  return [
    'fn draw_mask() -> array<u32, ROW_WORDS> {',
    '  var mask = array<u32, ROW_WORDS>();',
    '  var bits = 0u;',
    ...lines,
    '  return mask;',
    '}',
  ];
}

/** The layout of rows as WGSL: ROW_WORDS, sizes and places of genes, and the functions that breeding.wgsl calls. */
export function rowProgram({ genes }: CompiledSpace): string {
  const sizes = genes.map(({ size }) => size);
  const { words, fields } = rowLayout(sizes);
  const places = fields.map(({ word, shift }) => 32 * word + shift);
  return [
    `const ROW_WORDS: u32 = ${words}u;`,
    `const MASK_WORDS: u32 = ${Math.ceil(sizes.length / 32)}u;`,
    `const OPEN_COUNT: u32 = ${sizes.filter((size) => size > 1).length}u;`,
    list('GENE_SIZES', sizes),
    list('GENE_PLACES', places),
    ...decodeRow(fields),
    ...drawMask(fields),
    '',
  ].join('\n');
}
