import { describe, expect, it } from 'vitest';
import { Goal } from '../../kernels/objective/goal.js';
import { parseObjective } from '../../kernels/objective/objective.js';
import { designOf, ordinalToDigits } from '../../psa/ordinals.js';
import { smallSpace } from '../../test/smallSpace.js';
import { type Winner, winnerEvaluator } from '../search/winners.js';
import { descend, neighbourhood, withoutIdleChanges } from './neighbourhood.js';

const space = smallSpace();
const objective = parseObjective('time*cost');

function firstFeasible(): Winner {
  const evaluate = winnerEvaluator(space, new Goal(space, [objective]));
  for (let ordinal = 0n; ; ordinal += 101n) {
    const winner = evaluate(ordinal, 1);
    if (winner !== undefined) return winner;
  }
}

describe('neighbourhood', () => {
  it('holds every design that differs in one gene, and no other', () => {
    const own = ordinalToDigits(space, 777n);
    const neighbours = neighbourhood(space, 777n, objective);
    expect(neighbours.length).toBe(space.genes.reduce((sum, { size }) => sum + size - 1, 0));
    for (const { ordinal, gene, row } of neighbours) {
      const changed = [...ordinalToDigits(space, ordinal)].flatMap((digit, g) =>
        digit === own[g] ? [] : [[g, digit]],
      );
      expect(changed).toEqual([[gene, row]]);
    }
  });
});

describe('descend', () => {
  it('ends where no change of one gene is better', () => {
    const start = firstFeasible();
    const end = descend(space, start, objective);
    expect(end.objectives[0]).toBeLessThan(start.objectives[0]!);
    const better = neighbourhood(space, end.ordinal, objective).filter(
      (neighbour) => neighbour.objective !== undefined && neighbour.objective < end.objectives[0]! * (1 - 1e-9),
    );
    expect(better).toEqual([]);
    expect(winnerEvaluator(space, new Goal(space, [objective]))(end.ordinal, 1)?.objectives).toEqual(end.objectives);
  });
});

describe('withoutIdleChanges', () => {
  it('takes back what gains nothing, and nothing else', () => {
    const best = descend(space, firstFeasible(), objective);
    const reference = designOf(space, 0n);
    const plain = withoutIdleChanges(space, best, reference, objective);
    const changes = ({ design }: Winner) => design.filter((value, slot) => value !== reference[slot]).length;
    expect(plain.objectives[0]).toBeLessThanOrEqual(best.objectives[0]! * (1 + 1e-8));
    expect(changes(plain)).toBeLessThanOrEqual(changes(best));
    expect(withoutIdleChanges(space, plain, reference, objective).ordinal).toBe(plain.ordinal);
  });
});
