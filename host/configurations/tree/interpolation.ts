/** Values that stand for others, as OmegaConf puts them in (omegaconf.readthedocs.io, "Variable interpolation"). */

/** The innermost one. */
const INNERMOST = /\$\{([^${}]*)\}/;

/** Values that are made of others, which go round otherwise. */
const MOST_STEPS = 64;

/** Functions that NeMo's launcher registers. */
const RESOLVERS: Readonly<Record<string, (...numbers: number[]) => number>> = {
  multiply: (...numbers) => numbers.reduce((product, number) => product * number, 1),
  sum: (...numbers) => numbers.reduce((sum, number) => sum + number, 0),
  divide_ceil: (a = Number.NaN, b = Number.NaN) => Math.ceil(a / b),
  divide_floor: (a = Number.NaN, b = Number.NaN) => Math.floor(a / b),
};

/** The setting that a name means: of the root, or of as many mappings further out as it has points. */
function nameOf(text: string, at: string): string {
  const points = /^\.*/.exec(text)![0].length;
  if (points === 0) return text;
  return [...at.split('.').slice(0, -points), text.slice(points)].join('.');
}

function replacementOf(text: string, at: string, own: ReadonlyMap<string, string>): string | undefined {
  const [, name, of] = /^([\w.]+):(.*)$/s.exec(text) ?? [];
  if (name === undefined || of === undefined) return own.get(nameOf(text.trim(), at));
  const parts = of.split(',').map((part) => part.trim());
  // What the environment does not say has its default.
  if (name === 'oc.env') return parts[1];
  const value = RESOLVERS[name]?.(...parts.map(Number));
  return value === undefined || !Number.isFinite(value) ? undefined : String(value);
}

/**
 * A value with all that it stands for put in; as it is written where something of it is not there.
 *
 * @param at the name of its setting
 * @param own the values of all settings, as they are written
 * @example
 * interpolated('${multiply:4, ${.hidden}}', 'model.ffn', new Map([['model.hidden', '1024']])); // '4096'
 */
export function interpolated(text: string, at: string, own: ReadonlyMap<string, string>): string {
  let result = text;
  for (let step = 0; step < MOST_STEPS; step++) {
    const found = INNERMOST.exec(result);
    if (found === null) return result;
    const value = replacementOf(found[1]!, at, own);
    if (value === undefined) return text;
    result = result.slice(0, found.index) + value + result.slice(found.index + found[0].length);
  }
  return text;
}
