/** Rows of runs whose first and last pipeline stage were measured. */
import { z } from 'zod';
import { stageMemory } from '../../../kernels/memory/memory.js';
import { OUTPUT, OUTPUT_COUNT } from '../../../kernels/outputs.js';
import { simulateGraph } from '../../../kernels/simulate.js';
import { createState } from '../../../kernels/state.js';
import { compileDesign, loadDefault } from '../../../psa/defaults.js';
import { CosmicError } from '../../../psa/errors.js';
import { listPresets } from '../../../psa/presets.js';
import type { CompiledSpace } from '../../../psa/space.js';
import type { CsvRow } from '../csv.js';
import { machinePreset } from '../gpus.js';
import { type MemoryCase, mbToGib } from './memoryCases.js';
import { softwareOf } from './memorySoftware.js';

const count = z.coerce.number().int().min(1);
const mib = z.coerce.number().positive();

/** A row of `cosmic validate memory` by stage. */
export const stageRow = z.strictObject({
  id: z.string(),
  source: z.string(),
  gpu: z.string(),
  gpus: count,
  /** A preset, with other layers. */
  model: z.string(),
  layers: count,
  dense_layers: count.optional(),
  seq: count,
  tp: count,
  pp: count,
  cp: count,
  ep: count,
  dp: count,
  micro_batch: count,
  micro_batches: count,
  global_batch: count,
  first_stage_allocated_mib: mib,
  last_stage_allocated_mib: mib,
  max_reserved_mib: mib.optional(),
  iteration_ms: z.coerce.number().positive().optional(),
});
type StageRow = z.infer<typeof stageRow>;

const bare = (name: string) => name.toLowerCase().replace(/[^a-z0-9]/g, '');

/** `deepseekv3` is the preset deepseek-v3. */
function presetOf({ row, file, line }: CsvRow<StageRow>): string {
  const preset = listPresets('models').find((name) => bare(name) === bare(row.model));
  if (preset !== undefined) return preset;
  throw new CosmicError('UNKNOWN_PRESET', `there is no model preset for '${row.model}'`, {
    file,
    line,
    remedy: 'use the name of a preset; hyphens and dots may be left out',
  });
}

function compileStages(csv: CsvRow<StageRow>): CompiledSpace {
  const { row, file, line } = csv;
  const machine = machinePreset(row.gpu, { file, line });
  const software = softwareOf(row.source, { file, line });
  const { layers, dense_layers, seq, tp, pp, cp, ep, dp, micro_batch, global_batch } = row;
  const preset = presetOf(csv);
  const whole = loadDefault(machine, preset).workload.phases[0]!;
  return compileDesign(
    loadDefault(
      machine,
      preset,
      [
        `system.npus=${row.gpus}`,
        `model.layers=${layers}`,
        // Fewer layers make the table no smaller beside those of the whole model.
        `model.tiedEmbeddings=${whole.tiedEmbeddings}`,
        ...(dense_layers === undefined ? [] : [`model.leadingDense=${dense_layers}`]),
        // Layers that predict a later token are no part of these runs.
        'model.mtpLayers=0',
        `model.seq=${seq}`,
        ...Object.entries({ tp, pp, sp: cp, ep, dp }).map(([axis, degree]) => `workload.${axis}=${degree}`),
        `workload.microBatch=${micro_batch}`,
        `workload.batch=${global_batch}`,
        `workload.weightSharding=${software.weightSharding}`,
        'workload.recomputation=none',
        ...software.set,
      ],
      undefined,
      software.software,
    ),
  );
}

/** A case for each stage that was measured: the first and, where there are several, the last. */
export function stageCases(csv: CsvRow<StageRow>): MemoryCase[] {
  const { row } = csv;
  const space = compileStages(csv);
  const state = createState(space.workload, space.tiers);
  simulateGraph(state, space.fixed);
  const outputs = new Float64Array(OUTPUT_COUNT);
  const caseOf = (name: string, stage: number, measuredMib: number): MemoryCase => {
    stageMemory(state, outputs, stage);
    const [allocated, most] = [outputs[OUTPUT.memoryMB]!, outputs[OUTPUT.reservedMB]!].map(mbToGib) as [number, number];
    return {
      id: `${row.id}, ${name} stage`,
      source: row.source,
      model: row.model,
      allocated: measuredMib / 1024,
      reserved: undefined,
      fits: undefined,
      predicted: { allocated, reserved: most, fits: true },
    };
  };
  const stages = [caseOf('first', 0, row.first_stage_allocated_mib)];
  if (row.pp > 1) stages.push(caseOf('last', row.pp - 1, row.last_stage_allocated_mib));
  // The fullest stage tells what was reserved, and that the run fitted.
  const fullest = stages.reduce((most, one) => (one.allocated! > most.allocated! ? one : most));
  const reserved = row.max_reserved_mib === undefined ? undefined : row.max_reserved_mib / 1024;
  const most = Math.max(...stages.map(({ predicted }) => predicted.reserved));
  return stages.map((one) =>
    one === fullest
      ? {
          ...one,
          reserved,
          fits: true,
          predicted: { ...one.predicted, reserved: most, fits: state.memoryStatus === 0 },
        }
      : one,
  );
}
