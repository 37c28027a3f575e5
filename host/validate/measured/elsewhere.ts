/**
 * Measured steps as they would be predicted had nobody measured that framework on that machine: with constants of others. So
 * errors are known of machines and frameworks of which nothing is.
 */
import { findParameter, type ParameterName, slotOf } from '../../../psa/parameters.js';
import { loadSoftware } from '../../../psa/software.js';
import { loadSystem } from '../../../psa/system.js';
import { CALIBRATED } from '../../doubt/constants.js';
import type { Validated } from '../../doubt/evidence.js';
import { quantile } from '../../statistics/statistics.js';
import { LEAST_ROWS } from './crossValidation.js';
import { byInstallation } from './installations.js';
import { ownedConstants } from './owners.js';
import { type PreparedRow, predictRow } from './prediction.js';
import { type SharedFit, sharedFitOf } from './sharedFit.js';

/** What is known of the framework and of the machine of a row without rows of the two together. */
export type Elsewhere = Exclude<Validated, 'together'>;

export interface ElsewhereCase {
  readonly validated: Elsewhere;
  readonly of: string;
  readonly row: PreparedRow['row'];
  /** Predicted seconds of a step. */
  readonly seconds: number;
  /** The same with the slowest host of all other frameworks: of kinds that know no framework. */
  readonly slowSeconds: number | undefined;
}

/** Of a machine or a framework: the values of a constant by dimension, 0 where it has none. */
type Values = Readonly<Partial<Record<string, readonly number[]>>>;

function machineValues(name: string): Values {
  const { defaults } = loadSystem(name);
  return Object.fromEntries(CALIBRATED.map((one) => [one, (defaults.get(one) ?? []).map((value) => value ?? 0)]));
}

function softwareValues(name: string): Values {
  const { defaults } = loadSoftware(name);
  return Object.fromEntries(CALIBRATED.flatMap((one) => (defaults.has(one) ? [[one, defaults.get(one)!]] : [])));
}

/** What a slot of a design is to be multiplied by. */
interface Change {
  readonly slot: number;
  readonly most: number;
  readonly factor: number;
}

/**
 * The medians of others in the place of the constants that `own` says, as factors: what words of a row say of its job, such as a slow
 * host, stays of the job.
 */
function mediansOf(own: Values, others: readonly Values[]): Change[] {
  return Object.entries(own).flatMap(([name, values = []]) =>
    values.flatMap((value, d): Change[] => {
      const known = others.flatMap((one) => one[name]?.[d] ?? []).filter((other) => other > 0);
      const middle = quantile(known, 0.5);
      const { slot, max } = findParameter(name)!;
      return value === 0 || middle === undefined ? [] : [{ slot: slot + d, most: max, factor: middle / value }];
    }),
  );
}

const HOST: ParameterName = 'compute.hostLaunchUs';

/** The host of the slowest of others, where the framework has one: by it frameworks differ most. */
function slowestHost(own: Values, others: readonly Values[]): Change[] {
  const [launchUs = 0] = own[HOST] ?? [];
  const { slot, max } = findParameter(HOST)!;
  return launchUs === 0 ? [] : [{ slot, most: max, factor: slowestHostUs(others) / launchUs }];
}

function slowestHostUs(frameworks: readonly Values[]): number {
  return Math.max(0, ...frameworks.flatMap((one) => one[HOST] ?? []));
}

/** A launch of the slowest host among the frameworks of rows, us. */
export function slowestLaunchUs(rows: readonly PreparedRow[]): number {
  return slowestHostUs([...new Set(rows.flatMap(({ software }) => software ?? []))].map(softwareValues));
}

/** The constants of a framework on a machine as the rows of all others have them. */
function fittedTo(others: ReadonlySet<PreparedRow>, shared: SharedFit, system: string, software: string): Change[] {
  const factors = shared.fitTo((row) => others.has(row)).factorsOf(system, software);
  return ownedConstants(system, software).flatMap(({ constant: { slots, max } }, c) =>
    slots.map((slot) => ({ slot, most: max, factor: factors[c]! })),
  );
}

function predictWith(row: PreparedRow, changes: readonly Change[]): number | undefined {
  const own = row.design.slice();
  for (const { slot, most, factor } of changes) row.design[slot] = Math.min(own[slot]! * factor, most);
  const { seconds } = predictRow(row);
  row.design.set(own);
  return seconds;
}

const CLOCK = slotOf('compute.sustainedClock');

/** A way in which an installation may be unknown. */
interface Unknown {
  readonly validated: Elsewhere;
  readonly changes: readonly Change[];
  /** On top of them, of a framework that nobody knows. */
  readonly slowest?: readonly Change[];
}

/** Of one installation: the changes for each of the ways in which it may be unknown. */
function unknownsOf(of: string, groups: ReadonlyMap<string, readonly PreparedRow[]>, shared: SharedFit): Unknown[] {
  const { system, software } = groups.get(of)![0]!;
  if (software === undefined) return [];
  const others = [...groups].filter(([name]) => name !== of).flatMap(([, rows]) => rows);
  const named = others.filter((one) => one.software !== undefined);
  const distinct = (key: (row: PreparedRow) => string) => [...new Set(named.map(key))];
  const machines = distinct((one) => one.system).filter((name) => name !== system);
  const frameworks = distinct((one) => one.software!).filter((name) => name !== software);
  const fitted = fittedTo(new Set(others), shared, system, software);
  const suffices = (rows: readonly PreparedRow[]) => rows.length >= LEAST_ROWS;
  const clock = suffices(named.filter((one) => one.system === system)) && fitted.filter(({ slot }) => slot === CLOCK);
  const host =
    suffices(named.filter((one) => one.software === software)) && fitted.filter(({ slot }) => slot !== CLOCK);
  const ownHost = softwareValues(software);
  const ownMachine = Object.fromEntries(Object.entries(machineValues(system)).filter(([name]) => !(name in ownHost)));
  const newMachine = mediansOf(ownMachine, machines.map(machineValues));
  const newSoftware = mediansOf(ownHost, frameworks.map(softwareValues));
  const slowest = slowestHost(ownHost, frameworks.map(softwareValues));
  const unknowns: readonly (Unknown | false)[] = [
    clock && host && { validated: 'apart', changes: [...clock, ...host] },
    clock && { validated: 'machine', changes: [...clock, ...newSoftware], slowest },
    host && { validated: 'software', changes: [...newMachine, ...host] },
    { validated: 'neither', changes: [...newMachine, ...newSoftware], slowest },
  ];
  return unknowns.filter((one) => one !== false);
}

/**
 * Every row of each installation, predicted as if nothing of the two together were known: with the machine's clock fitted to other
 * frameworks there, or, of a new machine, all its calibrated constants the medians of others; the same of the framework, and that with
 * the slowest host, too.
 */
export function predictElsewhere(rows: readonly PreparedRow[]): ElsewhereCase[] {
  const groups = byInstallation(rows);
  const shared = sharedFitOf(rows);
  return [...groups].flatMap(([of, own]) =>
    unknownsOf(of, groups, shared).flatMap(({ validated, changes, slowest }) =>
      own.flatMap((row) => {
        const seconds = predictWith(row, changes);
        const slowSeconds = slowest && predictWith(row, [...changes, ...slowest]);
        return seconds === undefined ? [] : [{ validated, of, row: row.row, seconds, slowSeconds }];
      }),
    ),
  );
}
