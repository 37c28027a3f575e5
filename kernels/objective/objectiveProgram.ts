import { OUTPUT, QUANTITIES } from '../outputs.js';
import { constantName } from '../wgslText.js';

/**
 * What goals read of a row of outputs, as WGSL: `quantity(place)`, each in its output's unit. Places that a run names are told
 * apart by a switch, for an index that is no constant would keep the outputs out of registers.
 */
export function objectiveProgram(name = 'quantity', row = 'outputs'): string {
  return [
    `fn ${name}(place: u32) -> f32 {`,
    '  switch place {',
    ...QUANTITIES.map(
      ({ output }) => `    case ${OUTPUT[output]}u: { return ${row}[OUTPUT_${constantName(output)}]; }`,
    ),
    '    default: { return 0.0; }',
    '  }',
    '}',
    '',
  ].join('\n');
}
