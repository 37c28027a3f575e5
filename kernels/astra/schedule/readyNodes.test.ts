import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ReadyNodes } from './readyNodes.js';
import { RunningNodes } from './runningNodes.js';

test('the lowest ready number goes first, also between additions', () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(fc.integer({ min: 0, max: 2900 }), fc.constant(undefined))), (steps) => {
      const ready = new ReadyNodes(2901);
      const model = new Set<number>();
      for (const node of steps) {
        if (node !== undefined && !model.has(node)) {
          model.add(node);
          ready.add(node);
        } else if (node === undefined && model.size > 0) {
          const lowest = Math.min(...model);
          model.delete(lowest);
          expect(ready.take()).toBe(lowest);
        }
        expect(ready.count).toBe(model.size);
      }
    }),
  );
});

test('what ends first is taken first, of those that end together what began first', () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(fc.nat(9), fc.constant(undefined)), { maxLength: 60 }), (steps) => {
      const running = new RunningNodes(60);
      let model: { endNs: number; node: number }[] = [];
      steps.forEach((endNs, node) => {
        if (endNs !== undefined) {
          running.add(endNs, node);
          model = [...model, { endNs, node }].sort((a, b) => a.endNs - b.endNs || a.node - b.node);
        } else if (model.length > 0) {
          const first = model.shift()!;
          expect(running.take()).toBe(first.node);
          expect(running.nowNs).toBe(first.endNs);
        }
        expect(running.count).toBe(model.length);
      });
    }),
  );
});
