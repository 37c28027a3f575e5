import { z } from 'zod';
import type { Agent, AgentDefinition, AgentGene, Evaluated, PlainData } from '../agent.js';
import {
  bestOfBatch,
  type Individual,
  individualsFromPlain,
  individualsState,
  individualsToPlain,
  isBetter,
} from '../shared/individual.js';
import { count, innerState, numbers, readState } from '../shared/savedState.js';
import { derivedSeed } from '../shared/stream.js';
import { CMA } from './cmaes/cmaes.js';
import { GENETIC } from './ga.js';
import { LOCAL } from './local.js';

/** As unlike as there are. */
const MEMBERS = [GENETIC, LOCAL, CMA] as const;

/** How fast old credit fades, each turn. */
const FADING = 0.9;

/** Part of the budget that is shared evenly, whoever leads: no member is ever written off. */
const EVEN = 0.3;

/** Of so many members. */
function savedState(genes: readonly AgentGene[], members: number) {
  return z.strictObject({
    turn: count.max(members - 1),
    credit: numbers.length(members),
    spent: numbers.length(members),
    best: individualsState(genes, 1),
    members: z.array(innerState).length(members),
  });
}

/**
 * Several algorithms that share one budget, turn by turn. A member's share follows its recent successes, as in AMALGAM
 * (Vrugt & Robinson, PNAS 104, 2007), where success is a new best design of all: the next turn is that of the member whose
 * spending is furthest below its share.
 */
class Portfolio implements Agent {
  /** The member whose turn it is. */
  private turn = 0;
  private credit: number[];
  private spent: number[];
  private best: Individual | undefined;

  /** @param members at least one, over the same genes */
  constructor(
    private readonly genes: readonly AgentGene[],
    private readonly members: readonly Agent[],
  ) {
    this.credit = members.map(() => 1);
    this.spent = members.map(() => 0);
  }

  get batchSize(): number {
    return this.members[this.turn]!.batchSize;
  }

  ask(n: number): Uint32Array {
    return this.members[this.turn]!.ask(n);
  }

  tell(batch: Evaluated): void {
    this.members[this.turn]!.tell(batch);
    const gained = this.noteBest(bestOfBatch(batch));
    this.credit[this.turn] = FADING * this.credit[this.turn]! + (gained ? 1 : 0);
    this.spent[this.turn]! += batch.violations.length;
    this.turn = this.nextTurn();
  }

  get state(): PlainData {
    return {
      turn: this.turn,
      credit: [...this.credit],
      spent: [...this.spent],
      best: individualsToPlain(this.best === undefined ? [] : [this.best]),
      members: this.members.map((member) => member.state),
    };
  }

  restore(plain: PlainData): void {
    const state = readState(savedState(this.genes, this.members.length), plain);
    this.turn = state.turn;
    this.credit = [...state.credit];
    this.spent = [...state.spent];
    this.best = individualsFromPlain(state.best)[0];
    this.members.forEach((member, i) => {
      member.restore(state.members[i]!);
    });
  }

  private noteBest(result: Individual | undefined): boolean {
    if (result === undefined || !isBetter(result, this.best)) return false;
    this.best = result;
    return true;
  }

  private nextTurn(): number {
    const total = this.credit.reduce((sum, credit) => sum + credit, 0);
    const debt = this.credit.map((credit, i) => {
      const share = EVEN / this.credit.length + (total === 0 ? 0 : ((1 - EVEN) * credit) / total);
      return this.spent[i]! / Math.max(share, Number.MIN_VALUE);
    });
    return debt.indexOf(Math.min(...debt));
  }
}

export const PORTFOLIO: AgentDefinition = {
  make: (genes, seed, { population, evaluations }) => {
    const shared = {
      ...(population === undefined ? {} : { population }),
      ...(evaluations === undefined ? {} : { evaluations: evaluations / MEMBERS.length }),
    };
    const members = MEMBERS.map(({ make }, i) => make(genes, derivedSeed(seed, i), shared));
    return new Portfolio(genes, members);
  },
  parameters: {},
  objectives: 'first',
  islands: 'apart',
};
