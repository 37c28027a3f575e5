import { definitionOf, OUTPUT, QUANTITIES } from '../outputs.js';
import { constantName } from '../wgslText.js';

/**
 * What goals read of a row of outputs, as WGSL: `quantity(place)`, each in its output's unit. Places that a run names are told
 * apart by a switch, for an index that is no constant would keep the outputs out of registers. `otherwise`: of derived outputs,
 * which are of a space (deriveProgram.ts).
 */
export function objectiveProgram(name = 'quantity', row = 'outputs', otherwise = 'derived_quantity(place)'): string {
  const simulated = QUANTITIES.filter(({ output }) => definitionOf(output).combine !== 'derived');
  return [
    `fn ${name}(place: u32) -> f32 {`,
    '  switch place {',
    ...simulated.map(({ output }) => `    case ${OUTPUT[output]}u: { return ${row}[OUTPUT_${constantName(output)}]; }`),
    `    default: { return ${otherwise}; }`,
    '  }',
    '}',
    '',
  ].join('\n');
}
