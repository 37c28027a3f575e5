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

/** A number as a literal of f32. */
export function realLiteral(value: number): string {
  return `${Math.fround(value)}f`;
}
