import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { AgentGene } from '../../agent.js';
import { randomDigits } from '../../shared/randomDigits.js';
import { RandomStream } from '../../shared/stream.js';
import { Layout } from './layout.js';
import { Mutation } from './mutation.js';
import { trialsOf } from './trials.js';

const gene = fc.record({
  size: fc.oneof(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 2 ** 16 })),
  scale: fc.constantFrom('linear', 'log', 'category', 'tuple') satisfies fc.Arbitrary<AgentGene['scale']>,
});
const space = fc.array(gene, { maxLength: 30 });
const rate = fc.oneof(fc.double({ min: 0.01, max: 1, noNaN: true }), fc.constantFrom(0.5, 1));

type Row = readonly number[];

/** A gene of a trial, by the definition; u is uniform. */
function place(
  { size, scale }: AgentGene,
  f: number,
  u: number,
  [own, best, a, b]: readonly [number, number, number, number],
) {
  if (scale === 'linear' || scale === 'log') {
    const moved = own + f * (best - own) + f * (a - b);
    return moved < 0 ? own / 2 : moved > size - 1 ? (own + size - 1) / 2 : moved;
  }
  const [nearer, v] = u < f ? [best, u / f] : [own, (u - f) / (1 - f)];
  if (a === b || v >= f) return nearer;
  return v < f / 2 ? a : Math.min(size - 1, Math.floor(((2 * v) / f - 1) * size));
}

it('makes trials as the definition does, gene by gene', () => {
  fc.assert(
    fc.property(space, fc.nat(), rate, rate, (genes, seed, f, cr) => {
      const layout = new Layout(genes);
      const [members, beaten, count] = [9, 5, 70];
      const stream = new RandomStream(seed);
      const rows = layout.pack(randomDigits(genes, members + beaten, stream));
      const trials = trialsOf(count, layout.width);
      trials.f.fill(f);
      trials.cr.fill(cr);
      const draw = (below: number) => Uint32Array.from({ length: count }, () => stream.below(below));
      trials.targets.set(draw(members));
      const parents = { best: draw(members), first: draw(members), second: draw(members + beaten) };
      new Mutation(layout).write(trials, parents, rows, new RandomStream(seed + 1));

      const places = layout.unpack(rows);
      const rowOf = (row: number): Row => places.slice(row * genes.length, (row + 1) * genes.length);
      const drawn = new RandomStream(seed + 1);
      const expected = Array.from(trials.targets, (target, i) => {
        const certain = drawn.below(Math.max(1, genes.length));
        const [own, best] = [rowOf(target), rowOf(parents.best[i]!)];
        const [a, b] = [rowOf(parents.first[i]!), rowOf(parents.second[i]!)];
        return genes.map((gene, g) => {
          const u = drawn.uniform();
          if (u >= cr && g !== certain) return own[g]!;
          const part = u < cr ? u / cr : (u - cr) / (1 - cr);
          return Math.fround(place(gene, f, part, [own[g]!, best[g]!, a[g]!, b[g]!]));
        });
      });
      expect(layout.unpack(trials.rows)).toEqual(expected.flat());
    }),
    { numRuns: 50 },
  );
});

it('rounds places to digits', () => {
  fc.assert(
    fc.property(space, fc.nat(), (genes, seed) => {
      const layout = new Layout(genes);
      const digits = randomDigits(genes, 4, new RandomStream(seed));
      const rows = layout.pack(digits);
      expect(layout.unpack(rows)).toEqual([...digits]);
      expect(layout.round(rows)).toEqual(digits);
      const between = layout.pack(Array.from(digits, (digit) => digit + 0.25));
      const ordered = genes.map(({ scale }) => scale === 'linear' || scale === 'log');
      if (ordered.every((one) => one)) expect(layout.round(between)).toEqual(digits);
    }),
  );
});
