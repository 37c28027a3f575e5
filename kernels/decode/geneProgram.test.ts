import { describe, expect, it } from 'vitest';
import { compilePsa, loadPsa, SLOT_COUNT } from '../../psa/index.js';
import type { CompiledSpace } from '../../psa/space.js';
import { geneProgram } from './geneProgram.js';
import { packGenes } from './genes.js';

/** Runs the text of `set_gene_…` and `fix_design` as what it is also: JavaScript, but for types and conversions. */
function runProgram(space: CompiledSpace, digits: readonly number[]): Float64Array {
  const design = new Float64Array(SLOT_COUNT).fill(Number.NaN);
  const { values } = packGenes(space);
  const bodies = [...geneProgram(space).matchAll(/^fn (set_gene_(\d+)|fix_design)\(.*\n((?: {2}design.*\n)*)/gm)];
  for (const [, name, gene, body] of bodies) {
    const text = body!
      .replace(/(\d)[uf]\b/g, '$1')
      .replaceAll('bitcast<f32>', 'bits')
      .replaceAll('f32(', '(');
    const bits = (word: number): number => new Float32Array(Uint32Array.of(word).buffer)[0]!;
    new Function('design', 'digit', 'gene_values', 'bits', text)(
      design,
      name === 'fix_design' ? 0 : digits[Number(gene)],
      Float32Array.from(values),
      bits,
    );
  }
  return design;
}

/** Designs of each space. */
const TRIED = 48;

describe('the genes of a space as WGSL', () => {
  it.each([
    'cosmic-full',
    'cosmic-extended',
    'cosmic-network',
    'cosmic-workload',
  ])('%s sets what its tables hold', (name) => {
    const space = compilePsa(loadPsa(name));
    for (let i = 0; i < TRIED; i++) {
      // All digits of short genes, the last of each, and some of long ones.
      const digits = space.genes.map(({ size }) => (i === 0 ? size - 1 : (i * (size > TRIED ? 7919 : 1)) % size));
      const design = runProgram(space, digits);
      const expected = Float64Array.from(space.fixed);
      space.genes.forEach(({ slots, table }, g) => {
        slots.forEach((slot, k) => {
          expected[slot] = table[digits[g]! * slots.length + k]!;
        });
      });
      expect([...design]).toEqual([...Float32Array.from(expected)]);
    }
  });

  it('computes series and reads the rest', () => {
    const text = geneProgram(compilePsa(loadPsa('cosmic-full')));
    expect(text).toMatch(/= 50f \+ 50f \* f32\(digit\);/);
    expect(text).toMatch(/= bitcast<f32>\(\d+u \+ \(digit << 23u\)\);/);
    expect(text).toMatch(/= gene_values\[\d+u \+ digit \* \d+u\];/);
  });

  it('writes random words out where they fit in registers, and draws those of many genes in one loop', () => {
    const draws = (name: string): number => geneProgram(compilePsa(loadPsa(name))).split('threefry2x32(').length - 1;
    expect(draws('cosmic-full')).toBe(9);
    expect(draws('cosmic-extended')).toBe(1);
  });

  it('nests no deeper than drivers take, however many genes there are', () => {
    const text = geneProgram(compilePsa(loadPsa('cosmic-extended')));
    const functions = text.split(/^(?=fn )/m);
    const ends = functions.map((one) => one.split('return').length - 1);
    const blocks = text.match(/decode_genes_\d+\(whole\)/g)!.length;
    expect(blocks).toBeGreaterThan(1);
    expect(Math.max(...ends) + blocks).toBeLessThan(40);
  });
});
