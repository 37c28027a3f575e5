import { z } from 'zod';
import type { Agent, Evaluated, PlainData } from './agent.js';
import { count, innerState, readState } from './shared/savedState.js';

/** Of so many islands. */
function savedState(islands: number) {
  return z.strictObject({
    /** None before the first batch. */
    shares: z.array(count).refine(({ length }) => length === 0 || length === islands, 'each island has a share'),
    generation: count,
    agents: z.array(innerState).length(islands),
  });
}

/** Generations between migrations, unless told. */
export const USUAL_MIGRATION = 10;

/**
 * Several agents as one: each gets its share of a batch, and the results of that share. Now and then each sends a good design
 * to the next, the last to the first (the stepping-stone model on a ring; Cohoon, Hegde, Martin & Richards, ICGA 1987).
 */
export class Islands implements Agent {
  /** Designs of each island in the batch that is asked for last. */
  private shares: number[] = [];
  private generation = 0;

  /**
   * @param agents at least one, of one kind and over the same genes
   * @param migration generations from one migration to the next; 0 for none
   */
  constructor(
    private readonly agents: readonly Agent[],
    private readonly migration = USUAL_MIGRATION,
  ) {}

  get batchSize(): number {
    return this.agents.reduce((sum, agent) => sum + agent.batchSize, 0);
  }

  ask(n: number): Uint32Array {
    this.shares = shareOut(
      n,
      this.agents.map((agent) => agent.batchSize),
    );
    const parts = this.agents.map((agent, i) => agent.ask(this.shares[i]!));
    const digits = new Uint32Array(parts.reduce((sum, part) => sum + part.length, 0));
    let at = 0;
    for (const part of parts) {
      digits.set(part, at);
      at += part.length;
    }
    return digits;
  }

  tell(batch: Evaluated): void {
    let from = 0;
    this.agents.forEach((agent, i) => {
      const share = this.shares[i]!;
      if (share > 0) agent.tell(slice(batch, from, from + share));
      from += share;
    });
    this.generation++;
    if (this.migration > 0 && this.generation % this.migration === 0) this.migrate();
  }

  get state(): PlainData {
    return { shares: [...this.shares], generation: this.generation, agents: this.agents.map((agent) => agent.state) };
  }

  restore(plain: PlainData): void {
    const state = readState(savedState(this.agents.length), plain);
    this.shares = [...state.shares];
    this.generation = state.generation;
    this.agents.forEach((agent, i) => {
      agent.restore(state.agents[i]!);
    });
  }

  /** All leave before one arrives: a design moves by one island at a time. */
  private migrate(): void {
    const emigrants = this.agents.map((agent) => agent.emigrant?.());
    emigrants.forEach((emigrant, i) => {
      if (emigrant !== undefined) this.agents[(i + 1) % this.agents.length]!.immigrate?.(emigrant);
    });
  }
}

/** Splits n in proportion to wishes; the parts sum to n. */
function shareOut(n: number, wishes: readonly number[]): number[] {
  const total = wishes.reduce((sum, wish) => sum + wish, 0);
  let wished = 0;
  let given = 0;
  return wishes.map((wish) => {
    wished += wish;
    const share = Math.round((n * wished) / total) - given;
    given += share;
    return share;
  });
}

/** The rows from … to − 1 of a batch. */
function slice({ digits, objectives, violations }: Evaluated, from: number, to: number): Evaluated {
  const width = digits.length / violations.length;
  const stride = objectives.length / violations.length;
  return {
    digits: digits.subarray(from * width, to * width),
    objectives: objectives.subarray(from * stride, to * stride),
    violations: violations.subarray(from, to),
  };
}
