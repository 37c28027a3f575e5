import { memoryByStage, type PhaseMemory } from '../../kernels/memory/stages.js';
import { definitionOf, OUTPUT, type OutputName, partsOf } from '../../kernels/outputs.js';
import { SLOT } from '../../psa/parameters.js';
import type { CompiledSpace } from '../../psa/space.js';
import { formatNumber } from '../display/format.js';
import { stageName } from '../display/memoryUse.js';
import { formatTable, left, right } from './table.js';

/** Operations of a layer that are listed with what they keep. */
const LISTED = 6;

function stageTable({ stages }: PhaseMemory, count: number): string {
  const rows: readonly OutputName[] = [...partsOf('memoryMB'), 'memoryMB', 'reservedMB'];
  const shown = rows.filter((name) => stages.some(({ outputs }) => outputs[OUTPUT[name]]! > 0));
  return formatTable(
    [left('memory (GB)'), ...stages.map(({ stage }) => right(stageName(stage, count) || 'NPU'))],
    shown.map((name) => [
      definitionOf(name).label,
      ...stages.map(({ outputs }) => formatNumber(outputs[OUTPUT[name]]! / 1000)),
    ]),
  );
}

function keptTable({ kept }: PhaseMemory): string[] {
  if (kept.length === 0) return [];
  const rows = kept.slice(0, LISTED).map(({ operation, keptMB }) => [operation, formatNumber(keptMB)]);
  const others = kept.slice(LISTED).reduce((sum, { keptMB }) => sum + keptMB, 0);
  const all = others > 0 ? [...rows, ['others', formatNumber(others)]] : rows;
  return [formatTable([left('a layer keeps of a micro-batch'), right('MB')], all), ''];
}

/** Memory by stage, and what a layer keeps where nothing is recomputed; nothing in another profile. */
export function memoryLines({ workload, tiers }: CompiledSpace, design: Float64Array): string[] {
  if ((workload.profile ?? 'default') !== 'default') return [];
  const phases = memoryByStage(workload, tiers, design);
  return phases.flatMap((phase) => [
    ...(phases.length > 1 ? [`${phase.model} ${phase.phase}`] : []),
    stageTable(phase, design[SLOT.workload.pp]!),
    '',
    ...keptTable(phase),
  ]);
}
