/** Small spaces over all parameters, models and systems, drawn from the preset that opens every parameter. */

import { compilePsa } from '../psa/compile.js';
import { loadPsa } from '../psa/load.js';
import { SLOT } from '../psa/parameters.js';
import { listPresets } from '../psa/presets.js';
import type { CompiledSpace, Gene } from '../psa/space.js';

/** Numbers from 0 to below 1: mulberry32. */
export function randomNumbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

const compiled = new Map<string, CompiledSpace>();

function openSpace(system: string, model: string): CompiledSpace {
  const key = `${system} ${model}`;
  const space = compiled.get(key) ?? compilePsa(loadPsa('cosmic-extended', { system, model }));
  compiled.set(key, space);
  return space;
}

/** A gene with a few of its rows. */
function cut(gene: Gene, rows: readonly number[]): Gene {
  const width = gene.slots.length;
  const table = Float64Array.from(rows.flatMap((row) => [...gene.table.subarray(row * width, (row + 1) * width)]));
  return { ...gene, size: rows.length, unconstrainedSize: rows.length, table };
}

/**
 * A random space of at most `most` designs: some rows of some genes of a random system and model. Its NPUs have memory enough
 * for most designs.
 */
export function randomSpace(seed: number, most: number): CompiledSpace {
  const random = randomNumbers(seed);
  const pick = (n: number): number => Math.floor(random() * n);
  const systems = listPresets('systems');
  const models = listPresets('models');
  const whole = openSpace(systems[pick(systems.length)]!, models[pick(models.length)]!);
  const order = [...whole.genes.keys()].sort(() => random() - 0.5);
  const sizes = whole.genes.map(() => 1);
  let count = 1;
  for (const g of order) {
    const wanted = Math.min(whole.genes[g]!.size, 1 + pick(4));
    if (count * wanted > most) continue;
    sizes[g] = wanted;
    count *= wanted;
  }
  const genes = whole.genes.map((gene, g) => {
    const rows = new Set<number>();
    while (rows.size < sizes[g]!) rows.add(pick(gene.size));
    return cut(
      gene,
      [...rows].sort((a, b) => a - b),
    );
  });
  const fixed = whole.fixed.slice();
  fixed[SLOT.compute.memoryCapacityGB] = 1e6;
  const roomy = genes.filter(({ slots }) => !slots.includes(SLOT.compute.memoryCapacityGB));
  return {
    ...whole,
    name: `random-${seed}`,
    genes: roomy,
    fixed,
    count: roomy.reduce((n, { size }) => n * BigInt(size), 1n),
  };
}
