import { z } from 'zod';
import type { AgentGene } from '../../agent.js';
import { argsort } from '../../shared/order.js';
import { joined } from '../../shared/population.js';
import { count, numbers, placeRows } from '../../shared/savedState.js';
import { temporarily } from '../../shared/temporary.js';
import type { Layout } from './layout.js';
import { copyRow } from './mutation.js';

export function membersState(genes: readonly AgentGene[]) {
  return z.strictObject({ places: placeRows(genes), fitness: numbers, ranking: z.array(count) });
}

type MembersState = z.infer<ReturnType<typeof membersState>>;

/** The designs that trials compete with. */
export class Members {
  /** A row each. */
  rows: Float32Array = new Float32Array();
  fitness: Float64Array = new Float64Array();
  /** Members, best first. */
  ranking: Uint32Array = new Uint32Array();

  constructor(private readonly layout: Layout) {}

  get size(): number {
    return this.fitness.length;
  }

  get state(): MembersState {
    return { places: this.layout.unpack(this.rows), fitness: [...this.fitness], ranking: [...this.ranking] };
  }

  restore({ places, fitness, ranking }: MembersState): void {
    this.rows = this.layout.pack(places);
    this.fitness = Float64Array.from(fitness);
    this.ranking = Uint32Array.from(ranking);
  }

  /** Until they are ranked anew, the ranking is of those before. */
  join(rows: Float32Array, fitness: Float64Array): void {
    const allRows = new Float32Array(this.rows.length + rows.length);
    allRows.set(this.rows);
    allRows.set(rows, this.rows.length);
    this.rows = allRows;
    this.fitness = joined(this.fitness, fitness);
  }

  /** Puts a row, which begins at `at`, in the place of a member. */
  replace(member: number, rows: Float32Array, at: number, fitness: number): void {
    const { width } = this.layout;
    copyRow(rows, at, this.rows, member * width, width);
    this.fitness[member] = fitness;
  }

  rank(): void {
    this.ranking = temporarily(() => argsort(this.fitness).slice());
  }

  /** A share of the members, at least two of them if there are as many: the best. */
  best(share: number): Uint32Array {
    return this.ranking.subarray(0, Math.max(2, Math.round(share * this.size)));
  }

  /** Those that are ranked behind the first `size` go; members from behind take their places. */
  keepBest(size: number): void {
    const { ranking, rows, fitness } = this;
    if (fitness.length <= size) return;
    const { width } = this.layout;
    const stays = new Uint8Array(fitness.length);
    for (let rank = 0; rank < size; rank++) stays[ranking[rank]!] = 1;
    const movedTo = new Uint32Array(fitness.length);
    let hole = 0;
    for (let member = 0; member < fitness.length; member++) {
      movedTo[member] = member;
      if (member < size || !stays[member]) continue;
      while (stays[hole]) hole++;
      this.replace(hole, rows, member * width, fitness[member]!);
      movedTo[member] = hole++;
    }
    this.rows = rows.subarray(0, size * width);
    this.fitness = fitness.subarray(0, size);
    this.ranking = ranking.subarray(0, size).map((member) => movedTo[member]!);
  }
}
