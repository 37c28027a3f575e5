import { expect, it } from 'vitest';
import { parseObjective } from '../../kernels/objective/objective.js';
import { OUTPUT, OUTPUT_COUNT } from '../../kernels/outputs.js';
import { SLOT, SLOT_COUNT } from '../../psa/parameters.js';
import { winnersTable } from './winnersTable.js';

const design = new Float64Array(SLOT_COUNT);
design[SLOT.compute.memoryCapacityGB] = 85;
const outputs = new Float64Array(OUTPUT_COUNT);
outputs[OUTPUT.memoryMB] = 80_240;
outputs[OUTPUT.reservedMB] = 80_240;
const full = { design, outputs, status: 0, ordinal: 195n, ties: 1 };

it.each([['time'], ['time', 'memory'], ['memory']])('marks memory that is nearly full by %s, %s', (...names) => {
  const objectives = names.map((name) => parseObjective(name));
  const winner = { ...full, objectives: objectives.map(({ label }) => (label === 'memory' ? 80.24 : 32.24)) };
  expect(winnersTable([winner], objectives, undefined)).toContain('! 80.24');
});
