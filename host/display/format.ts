/** Smaller ones are written with an exponent; a microsecond among seconds is not. */
const SMALLEST = 1e-6;

/** Whole numbers up to it are written in full; beyond, nobody reads the digits and no line holds them. */
const LARGEST_IN_FULL = 10n ** 24n;

/** Larger numbers `String` writes with an exponent. */
const MOST_WITHOUT_EXPONENT = 1e21;

/** A number for people: some significant digits at least, thousands separators, whole numbers in full. */
export function formatNumber(value: number | bigint, digits = 4): string {
  if (typeof value === 'bigint' && value > LARGEST_IN_FULL) return Number(value).toExponential(digits - 1);
  if (typeof value === 'bigint') return grouped(String(value));
  const magnitude = Math.abs(value);
  if (Number.isInteger(value) && magnitude < MOST_WITHOUT_EXPONENT) return grouped(String(value));
  if (magnitude < SMALLEST || magnitude >= 1e15) return value.toExponential(digits - 1);
  const decimals = Math.max(0, digits - 1 - Math.floor(Math.log10(magnitude)));
  return grouped(rounded(value, decimals));
}

/**
 * `12,345.678` of `12345.678`. By hand, for the first number that Intl writes makes it list all of its locales, which takes a
 * twentieth of a whole `cosmic simulate`.
 */
function grouped(digits: string): string {
  const [whole, ...fraction] = digits.split('.');
  return [whole!.replace(/\B(?=(?:\d{3})+$)/g, ','), ...fraction].join('.');
}

/** Rounded as its shortest decimals say, halves away from zero, as Intl does; `toFixed` alone takes 1.005 for less than it says. */
function rounded(value: number, decimals: number): string {
  const scaled = Math.round(Number(`${Math.abs(value)}e${decimals}`));
  return `${value < 0 ? '-' : ''}${Number(`${scaled}e-${decimals}`).toFixed(decimals)}`;
}

/** Numbers of one column: with up to six digits where four would make different ones look the same. */
export function formatColumn(values: readonly number[]): string[] {
  const distinct = new Set(values).size;
  for (let digits = 4; digits < 6; digits++) {
    const cells = values.map((value) => formatNumber(value, digits));
    if (new Set(cells).size === distinct) return cells;
  }
  return values.map((value) => formatNumber(value, 6));
}

/** A share as a percentage with one decimal. */
export function formatShare(share: number): string {
  return `${formatPercent(share)} %`;
}

/** The same for a column whose heading has the unit. */
export function formatPercent(share: number): string {
  return (share * 100).toFixed(1);
}

/** A relative error as a percentage with two digits at least. */
export function formatError(error: number): string {
  return error === 0 ? '0' : `${formatNumber(100 * error, 2)} %`;
}

/** What a change does to an objective, `1.250×`, or why it cannot be. */
export function formatEffect(ratio: number | undefined, reasons: readonly string[]): string {
  return ratio === undefined ? `infeasible: ${reasons.join('; ')}` : `${ratio.toFixed(3)}×`;
}

/** `0.45×`, or a dash where there is nothing to compare with. */
export function formatRatio(value: number, reference: number): string {
  return value === 0 || reference === 0 ? '-' : `${(value / reference).toFixed(2)}×`;
}

/** `1 design`, `2 designs`, `3 batches`. */
export function plural(count: number | bigint, noun: string): string {
  const ending = count === 1 || count === 1n ? '' : /(s|ch|sh|x)$/.test(noun) ? 'es' : 's';
  return `${formatNumber(count)} ${noun}${ending}`;
}

/** `1:02:03`, `2:03`, `4 s`. */
export function formatDuration(seconds: number): string {
  if (!Number.isFinite(seconds)) return '?';
  const whole = Math.ceil(seconds);
  if (whole < 60) return `${whole} s`;
  const pad = (part: number) => String(part).padStart(2, '0');
  const hours = Math.floor(whole / 3600);
  const minutes = Math.floor(whole / 60) % 60;
  return hours > 0 ? `${hours}:${pad(minutes)}:${pad(whole % 60)}` : `${minutes}:${pad(whole % 60)}`;
}

/** A unit for people and the factor that leads to it. */
export interface DisplayUnit {
  readonly unit: string;
  readonly factor: number;
}

/** Larger units of those that the kernels compute in, each with the factor that leads to it, largest first. */
const LARGER: Record<string, readonly DisplayUnit[]> = {
  us: [
    { unit: 's', factor: 1e-6 },
    { unit: 'ms', factor: 1e-3 },
  ],
  MB: [{ unit: 'GB', factor: 1e-3 }],
  kW: [{ unit: 'MW', factor: 1e-3 }],
  kWh: [
    { unit: 'GWh', factor: 1e-6 },
    { unit: 'MWh', factor: 1e-3 },
  ],
};

/**
 * The unit that suits the largest of some values.
 *
 * @example
 * displayUnit('us', [2_500_000]); // { unit: 's', factor: 1e-6 }
 */
export function displayUnit(unit: string, values: readonly number[]): DisplayUnit {
  const largest = Math.max(0, ...values.map(Math.abs));
  return LARGER[unit]?.find(({ factor }) => largest * factor >= 1) ?? { unit, factor: 1 };
}
