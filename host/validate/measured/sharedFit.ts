/**
 * Constants of all machines and frameworks, fitted to all their rows at once. A machine has one clock, whatever runs on it, and a
 * framework one share of the memory's bandwidth and one host, on whatever it runs. Each is drawn to the mean of its kind as strongly as
 * the rows leave it open: a linear model of random effects in logarithms (Laird and Ware, Biometrics 38(4), 1982), solved by
 * Gauss–Newton steps of reweighted least squares. No preset is a centre: they were fitted to all rows.
 *
 * Hybrids have no say: nobody measured their scans by themselves, so that what their steps lie off would go to constants that others
 * tell well (memory and host, and from there clocks).
 */
import { CholeskyDecomposition, Matrix } from 'ml-matrix';
import { findParameter } from '../../../psa/parameters.js';
import { partsOf } from '../groups.js';
import { OF_TODAY, thinned, weightsOf } from './fit.js';
import { isHybrid } from './hybrids.js';
import { byInstallation } from './installations.js';
import { type OwnedConstant, ownedConstants } from './owners.js';
import type { PreparedRow } from './prediction.js';
import { Response } from './response.js';

/** How far runs lie off in the mean, ln: their errors are taken to be Laplace's, smooth within the second number. */
const MEAN_ERROR = 0.1;
const SMOOTH_WITHIN = 0.03;

/** Steps of Gauss–Newton, and the longest and the last one, ln. */
const MOST_STEPS = 15;
const LONGEST_STEP = 0.5;
const LAST_STEP = 0.004;

/** What is known of most means without any row: nothing, ln. */
const MEAN_WIDTH = 1000;

/** What holds a constant at the end of its range where rows would have it beyond: more than all rows weigh. */
const HELD_WEIGHT = 1e8;

/** The end of a constant's range, ln. */
const mostOf = ({ constant }: OwnedConstant) => Math.log(findParameter(constant.name)!.max);

const solved = (normal: Matrix, right: Matrix) => new CholeskyDecomposition(normal).solve(right).to1DArray();

/** Rows of a framework on a machine. */
interface Member {
  readonly constants: readonly OwnedConstant[];
  /** Of each constant: its mean's and its owner's place among the unknowns. */
  readonly places: readonly (readonly [mean: number, owner: number])[];
  readonly responses: readonly Response[];
  readonly weights: readonly number[];
}

/** Constants that were fitted. */
export interface Fitted {
  /** What a preset's constants are to be multiplied by, in the order of `ownedConstants`. */
  factorsOf(system: string, software: string): number[];
  /** Every constant once. */
  readonly constants: readonly FittedConstant[];
}

export interface FittedConstant extends OwnedConstant {
  readonly value: number;
  /** All files that say it. */
  readonly files: readonly string[];
}

/** The name of a constant's value. */
const nameOf = ({ constant, owner }: Pick<OwnedConstant, 'constant' | 'owner'>) => `${constant.name} of ${owner}`;

/** Have rows constants in common with those of other installations? What Megatron-LM of 2021 has are its own. */
export function isShared({ software }: Pick<PreparedRow, 'software'>): boolean {
  return software !== undefined && software !== 'megatron-lm-2021';
}

export class SharedFit {
  private readonly members: readonly Member[];
  /** Every constant once, with all files that say it. */
  private readonly owned: readonly Omit<FittedConstant, 'value'>[];
  /** Means of constants, then what each owner differs from them, by their names. */
  private readonly places = new Map<string, number>();
  /** How widely each unknown is spread, ln. */
  private readonly widths: number[] = [];

  /** @param installations rows by framework and machine, of frameworks that are known */
  constructor(installations: readonly (readonly PreparedRow[])[]) {
    for (const { name, meanWidth = MEAN_WIDTH } of OF_TODAY) this.place(name, meanWidth);
    this.members = installations.map((rows) => this.memberOf(rows));
    const owned = this.members.flatMap(({ constants }) => constants);
    this.owned = [...partsOf(owned, nameOf).values()].map((alike) => ({
      ...alike[0]!,
      files: [...new Set(alike.map(({ file }) => file))],
    }));
  }

  private memberOf(rows: readonly PreparedRow[]): Member {
    const { system, software } = rows[0]!;
    const owned = ownedConstants(system, software!);
    const constants = owned.map(({ constant }) => constant);
    const some = thinned(rows.filter(({ row }) => !isHybrid(row)));
    return {
      constants: owned,
      places: owned.map((one) => [this.places.get(one.constant.name)!, this.place(nameOf(one), one.constant.width)]),
      responses: some.map((row) => new Response(row, constants)),
      weights: some.map(weightsOf(some)),
    };
  }

  private place(name: string, width: number): number {
    const known = this.places.get(name);
    if (known !== undefined) return known;
    this.places.set(name, this.widths.length);
    return this.widths.push(width) - 1;
  }

  /** Fits to those of the rows that are kept. */
  fitTo(keeps: (row: PreparedRow) => boolean): Fitted {
    const unknowns = this.widths.map(() => 0);
    for (const { name, typical } of OF_TODAY) unknowns[this.places.get(name)!] = Math.log(typical);
    for (let step = 0; step < MOST_STEPS; step++) {
      const next = this.step(unknowns, keeps);
      const moves = next.map((value, i) => Math.max(-LONGEST_STEP, Math.min(LONGEST_STEP, value - unknowns[i]!)));
      for (const [i, move] of moves.entries()) unknowns[i]! += move;
      if (Math.max(...moves.map(Math.abs)) < LAST_STEP) break;
    }
    const fitted = (one: OwnedConstant) => Math.exp(this.valueOf(one, unknowns));
    return {
      factorsOf: (system, software) => ownedConstants(system, software).map((one) => fitted(one) / one.preset),
      constants: this.owned.map((one) => ({ ...one, value: fitted(one) })),
    };
  }

  /** ln; of an owner without rows the mean. */
  private valueOf(one: OwnedConstant, unknowns: readonly number[]): number {
    const owner = this.places.get(nameOf(one));
    return unknowns[this.places.get(one.constant.name)!]! + (owner === undefined ? 0 : unknowns[owner]!);
  }

  /** The unknowns that would be best if times were straight in them. */
  private step(unknowns: readonly number[], keeps: (row: PreparedRow) => boolean): number[] {
    const normal = Matrix.diag(this.widths.map((width) => width ** -2));
    const right = Matrix.zeros(unknowns.length, 1);
    for (const { constants, places, responses, weights } of this.members) {
      const shifts = constants.map((one) => this.valueOf(one, unknowns) - Math.log(one.preset));
      for (const [r, response] of responses.entries()) {
        if (!keeps(response.row)) continue;
        const { error, slopes } = response.at(shifts);
        if (error === undefined) continue;
        const weight = weights[r]! / (MEAN_ERROR * Math.hypot(SMOOTH_WITHIN, error));
        const terms = places.flatMap((pair, c) => pair.map((place) => [place, slopes[c]!] as const));
        const target = terms.reduce((sum, [place, slope]) => sum + slope * unknowns[place]!, -error);
        for (const [place, slope] of terms) {
          right.set(place, 0, right.get(place, 0) + weight * slope * target);
          for (const [other, of] of terms) {
            normal.set(place, other, normal.get(place, other) + weight * (slope * of));
          }
        }
      }
    }
    const free = solved(normal, right);
    const beyond = this.owned.filter((one) => this.valueOf(one, free) > mostOf(one));
    if (beyond.length === 0) return free;
    for (const one of beyond) this.hold(one, normal, right);
    return solved(normal, right);
  }

  /** Holds a constant at the end of its range. */
  private hold(one: OwnedConstant, normal: Matrix, right: Matrix): void {
    const pair = [one.constant.name, nameOf(one)].map((name) => this.places.get(name)!);
    for (const place of pair) {
      right.set(place, 0, right.get(place, 0) + HELD_WEIGHT * mostOf(one));
      for (const other of pair) normal.set(place, other, normal.get(place, other) + HELD_WEIGHT);
    }
  }
}

/** Simulations are kept as long as the rows are. */
const fitsOfRows = new WeakMap<readonly PreparedRow[], SharedFit>();

/** The fit of those of the rows that share constants. */
export function sharedFitOf(rows: readonly PreparedRow[]): SharedFit {
  const installations = [...byInstallation(rows).values()].filter(([first]) => isShared(first!));
  const known = fitsOfRows.get(rows) ?? new SharedFit(installations);
  fitsOfRows.set(rows, known);
  return known;
}
