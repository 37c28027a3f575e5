import fc from 'fast-check';
import { expect, test } from 'vitest';
import { PriorityQueue } from '../schedule/priorityQueue.js';
import { TimeQueue } from './timeQueue.js';

test('events come as from a queue that sorts each of them', () => {
  // Delays of events that are added, and how often one is taken then.
  const steps = fc.array(fc.record({ delays: fc.array(fc.nat(4), { maxLength: 4 }), takes: fc.nat(4) }));
  fc.assert(
    fc.property(steps, (all) => {
      const [queue, sorted] = [new TimeQueue(), new PriorityQueue()];
      let added = 0;
      for (const { delays, takes } of all) {
        for (const delay of delays) {
          queue.add(queue.key + delay, added);
          sorted.add(sorted.key + delay, added++);
        }
        for (let i = 0; i < takes && sorted.size > 0; i++) {
          expect(queue.take()).toBe(sorted.take());
          expect(queue.key).toBe(sorted.key);
          expect(queue.size).toBe(sorted.size);
        }
      }
    }),
    { numRuns: 500, seed: 1 },
  );
});
