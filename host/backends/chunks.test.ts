import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseObjective } from '../../kernels/objective/objective.js';
import { keptTop, type SweepPart } from '../../kernels/reduce/reduce.js';
import { smallSpace } from '../../test/smallSpace.js';
import { type ChunkRunner, sweepChunks } from './chunks.js';
import { createEngine } from './cpu/engine.js';
import type { SweepRequest } from './evaluator.js';

const engine = createEngine(smallSpace());

const request: SweepRequest = {
  source: { kind: 'ordinals' },
  start: 1000n,
  count: 3000n,
  objectives: [parseObjective('time'), parseObjective('cost')],
  top: 5,
  pareto: true,
};

/** Runs chunks in `lanes`, each done after a delay that `delays` says, so that they finish out of order. */
function runner(lanes: number, firstSize: number, delays: readonly number[]): ChunkRunner {
  let calls = 0;
  return {
    lanes,
    firstSize,
    targetMs: 1,
    maxSize: 700,
    async run(start, count) {
      await new Promise((resolve) => setTimeout(resolve, delays[calls++ % delays.length]));
      return engine.sweep(request, start, count);
    },
  };
}

describe('sweepChunks', () => {
  const whole = engine.sweep(request, request.start, Number(request.count));

  it('gives what one chunk gives, for any lanes, sizes and timing', async () => {
    const delays = fc.array(fc.nat(3), { minLength: 1, maxLength: 5 });
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 4 }),
        fc.integer({ min: 100, max: 700 }),
        delays,
        async (lanes, size, d) => {
          expect(await sweepChunks(request, runner(lanes, size, d))).toEqual(whole);
        },
      ),
      { numRuns: 12 },
    );
  });

  it('reports growing prefixes, from each of which it goes on to the same whole', async () => {
    const prefixes: SweepPart[] = [];
    await sweepChunks(request, runner(3, 200, [2, 0, 1]), { onChunk: (part) => void prefixes.push(part) });
    expect(prefixes.length).toBeGreaterThan(3);
    for (const prefix of prefixes) {
      expect(prefix).toEqual(engine.sweep(request, request.start, Number(prefix.evaluated)));
      expect(await sweepChunks(request, runner(2, 300, [0]), {}, prefix)).toEqual(whole);
    }
  });

  it('ends with a prefix when it is aborted', async () => {
    const control = new AbortController();
    const part = await sweepChunks(request, runner(2, 100, [0]), {
      signal: control.signal,
      onChunk: () => control.abort(),
    });
    expect(part.evaluated).toBeGreaterThan(0n);
    expect(part.evaluated).toBeLessThan(request.count);
    expect(part).toEqual(engine.sweep(request, request.start, Number(part.evaluated)));
  });

  it('passes a failure on after the chunks beside it have ended', async () => {
    let running = 0;
    const failing: ChunkRunner = {
      ...runner(3, 100, [0]),
      async run(start, count) {
        running++;
        await new Promise((resolve) => setTimeout(resolve, start === 1100n ? 1 : 5));
        running--;
        if (start === 1100n) throw new Error('broken chunk');
        return engine.sweep(request, start, count);
      },
    };
    await expect(sweepChunks(request, failing)).rejects.toThrow('broken chunk');
    expect(running).toBe(0);
  });

  it('refuses to go on with a part of another range', async () => {
    const other = engine.sweep(request, 0n, 10);
    await expect(sweepChunks(request, runner(1, 100, [0]), {}, other)).rejects.toMatchObject({ code: 'RUN_MISMATCH' });
  });

  it('walks 10^10 designs with no more in flight, and nothing kept but the reduction', async () => {
    const long = { ...request, count: 10n ** 10n, start: 0n };
    let inFlight = 0;
    let most = 0;
    const kept: number[] = [];
    const reduced = await sweepChunks(
      long,
      {
        lanes: 2,
        targetMs: 1e9,
        firstSize: 2 ** 20,
        maxSize: 2 ** 22,
        async run(start, count) {
          most = Math.max(most, ++inFlight);
          await Promise.resolve();
          inFlight--;
          const best = { position: start, ordinal: start, objectives: [Number(start % 1009n), 1] };
          return { ...whole, start, evaluated: BigInt(count), top: [best], pareto: [] };
        },
      },
      { onChunk: ({ top }) => void kept.push(top.length) },
    );
    expect(reduced.evaluated).toBe(long.count);
    expect(most).toBeLessThanOrEqual(2);
    expect(kept.length).toBeGreaterThan(2000);
    expect(Math.max(...kept)).toBe(keptTop(long.top));
  });
});
