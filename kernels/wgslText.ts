/** How names and numbers are written in WGSL. */

/**
 * A name as a WGSL constant.
 *
 * @example
 * constantName('network.bandwidthGBps'); // 'NETWORK_BANDWIDTH_GBPS'
 */
export function constantName(name: string): string {
  return name
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replace(/[^A-Za-z0-9]+/g, '_')
    .toUpperCase();
}

/** Names and values of a table, behind a beginning that they share. */
export function namedConstants(beginning: string, table: Readonly<Record<string, number>>): [string, number][] {
  return Object.entries(table).map(([name, value]) => [`${beginning}_${constantName(name)}`, value]);
}

/** Whole constants as WGSL, a line each. */
export function constantLines(constants: readonly (readonly [string, number])[]): string {
  return constants.map(([name, value]) => `const ${name}: u32 = ${value}u;\n`).join('');
}

/** A number as a literal of f32. */
export function realLiteral(value: number): string {
  return `${Math.fround(value)}f`;
}
