/** Defaults of a system that is made for any number of NPUs, cut to those that there are. */
import type { ParameterName } from './parameters.js';
import type { Psa } from './psa.js';
import type { System } from './system.js';

/** Degrees of parallelism in the order in which they take NPUs: those inside a node first. */
const DEGREES: readonly ParameterName[] = ['workload.tp', 'workload.sp', 'workload.pp', 'workload.dp'];

/** The one value that a PsA gives a parameter, or dimension d of it. */
function givenValue(psa: Psa, name: string, d?: number): number | undefined {
  const { value } =
    (d === undefined ? undefined : psa.parameters.get(`${name}[${d}]`)) ?? psa.parameters.get(name) ?? {};
  return typeof value === 'number' ? value : undefined;
}

function isGiven(psa: Psa, name: string, d?: number): boolean {
  return psa.parameters.has(name) || (d !== undefined && psa.parameters.has(`${name}[${d}]`));
}

/** The greatest. */
export function commonDivisor(a: number, b: number): number {
  return b === 0 ? a : commonDivisor(b, a % b);
}

/** A node that holds no more NPUs than there are, and that nodes of the kind fill. */
function largestDivisor(n: number, most: number): number {
  let divisor = Math.min(n, most);
  while (n % divisor !== 0) divisor--;
  return divisor;
}

/** What of `npus` factors leave; at least 1, where they do not divide it. */
function without(npus: number, factors: readonly (number | undefined)[]): number {
  return factors.reduce<number>((left, factor = 1) => (left % factor === 0 ? left / factor : left), npus);
}

function fittedSizes(psa: Psa): (number | undefined)[] {
  const { npus, defaults } = psa.system;
  const sizes = defaults.get('network.npus')!;
  let left = without(
    npus,
    sizes.map((_, d) => givenValue(psa, 'network.npus', d)),
  );
  return sizes.map((size, d) => {
    if (size === undefined || isGiven(psa, 'network.npus', d)) return size;
    const fitted = largestDivisor(left, size);
    left /= fitted;
    return fitted;
  });
}

function fittedDegrees(psa: Psa): [ParameterName, (number | undefined)[]][] {
  const { npus, defaults } = psa.system;
  let left = without(
    npus,
    DEGREES.map((name) => givenValue(psa, name)),
  );
  return DEGREES.map((name) => {
    const [degree] = defaults.get(name)!;
    if (degree === undefined || isGiven(psa, name)) return [name, [degree]];
    const fitted = commonDivisor(degree, left);
    left /= fitted;
    return [name, [fitted]];
  });
}

/**
 * The defaults of a PsA's system. One that leaves the size of a network dimension open is made for any number of NPUs: its
 * other sizes and its degrees of parallelism are then at most what the NPUs leave, after those that the PsA gives.
 *
 * @example
 * fittedDefaults(loadDefault('dgx-h100', 'llama3-70b', ['system.npus=4'])).get('network.npus'); // [4, undefined]
 */
export function fittedDefaults(psa: Psa): System['defaults'] {
  const { defaults } = psa.system;
  if (!defaults.get('network.npus')!.includes(undefined)) return defaults;
  return new Map([...defaults, ['network.npus', fittedSizes(psa)], ...fittedDegrees(psa)]);
}
