/** What steps whose memory was printed say of others: by publication, printed over predicted. */
import type { MemoryEvidence } from '../../doubt/memoryFit.js';
import type { MemoryCase } from './memoryCases.js';
import { stepCases } from './memorySteps.js';

/** Printed over predicted with what stays in reserve, of what was seen from outside; else of what was allocated. */
function ratioOf({ allocated, reserved, predicted, room }: MemoryCase): number[] {
  if (reserved !== undefined) return [reserved / (predicted.reserved + (room?.reserve ?? 0))];
  return allocated === undefined ? [] : [allocated / predicted.allocated];
}

/** Of publications whose steps print their memory. */
export function memoryEvidence(file: string, command: string): MemoryEvidence {
  const cases = stepCases(file);
  const publications = [...new Set(cases.map(({ source }) => source))].sort().flatMap((source) => {
    const ratios = cases.filter((one) => one.source === source).flatMap(ratioOf);
    const sorted = ratios.map((ratio) => Number(ratio.toFixed(3))).sort((a, b) => a - b);
    return sorted.length === 0 ? [] : [{ source, ratios: sorted }];
  });
  return { command, publications };
}
