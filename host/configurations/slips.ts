/** Settings that nothing reads because of a slip of the fingers. */
import { slipOf } from '../../psa/suggest.js';
import type { ConfigurationFile } from './configurationFile.js';
import { type Framework, knownSettings } from './framework.js';

export interface Slip {
  readonly name: string;
  readonly line: number | undefined;
  /** The setting that is likely meant. */
  readonly meant: string;
}

/**
 * Of settings that are not understood those that are nearly one that the file does not have.
 *
 * @example
 * slipsOf(MEGATRON, file, ['--micro-batch-sise']); // meant: --micro-batch-size
 */
export function slipsOf(framework: Framework, { settings }: ConfigurationFile, strange: readonly string[]): Slip[] {
  if (strange.length === 0) return [];
  const missing = [...(framework.fileNames ?? knownSettings(framework))].filter((name) => !settings.has(name));
  return strange.flatMap((name) => {
    const meant = slipOf(name, missing);
    return meant === undefined ? [] : [{ name, line: settings.get(name)?.place.line, meant }];
  });
}
