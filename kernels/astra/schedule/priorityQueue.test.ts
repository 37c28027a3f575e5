import fc from 'fast-check';
import { expect, test } from 'vitest';
import { PriorityQueue } from './priorityQueue.js';

test('gives items in the order of their keys, those of one key as they came, also between additions', () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(fc.nat(9), fc.constant(undefined)), { maxLength: 60 }), (steps) => {
      const queue = new PriorityQueue();
      let model: { key: number; item: number }[] = [];
      steps.forEach((key, item) => {
        if (key !== undefined) {
          queue.add(key, item);
          model = [...model, { key, item }].sort((a, b) => a.key - b.key || a.item - b.item);
        } else if (model.length > 0) {
          const first = model.shift()!;
          expect(queue.take()).toBe(first.item);
          expect(queue.key).toBe(first.key);
        }
        expect(queue.size).toBe(model.length);
      });
    }),
  );
});
