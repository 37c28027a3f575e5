/**
 * Copies beside collectives of tensor parallelism that split the sequence, where a batch of several sequences lies sequence behind
 * sequence. NCCL joins what ranks have along the outermost dimension, which is the batch: PyTorch's functional collectives take what was
 * gathered apart and join it along the sequence, and do so before a reduce-scatter, a read and a write of the whole buffer each
 * (torch/distributed/_functional_collectives.py, all_gather_tensor and reduce_scatter_tensor). Of one sequence it is a view. Megatron-LM has the sequence outermost.
 */
import type { Join, Operation, Scale } from './operation.js';
import { elementwise } from './rows.js';

/** By the scale of a collective's payload. */
const COPIED: Partial<Record<Scale, Scale>> = { tokens: 'tokensCopied', tokensGathered: 'gatheredCopied' };

/** It waits as the row behind it does, so that without it nothing waits elsewhere. */
function copyOf(row: Operation, join: Join): Operation {
  const [bytes, scale] = row.input;
  const copied = COPIED[scale]!;
  const { name, share, againFor, unneeded, when } = row;
  return elementwise(`copy for ${name}`, 0, 'one', 0, 0, {
    ...{ input: [bytes, copied], output: [bytes, copied], share, againFor, unneeded, join },
    when: { ...when, sequencesJoined: true },
  });
}

const joins = ({ kind, group, input, when }: Operation): boolean =>
  kind === 'collective' && group === 'tp' && when.sequenceParallel === true && COPIED[input[1]] !== undefined;

/** The same rows with what is copied behind a gather and before a reduce-scatter. */
export function withTensorCopies(rows: readonly Operation[]): Operation[] {
  let gathered: Operation[] = [];
  return rows.flatMap((row) => {
    if (joins(row) && row.collective === 'reduceScatter') return [copyOf(row, 'none'), row];
    if (joins(row)) gathered.push(row);
    // A row beside a ring waits only where there is one.
    if (row.kind === 'collective' || row.when.contextRing) return [row];
    const copies = gathered.map((one) => copyOf(one, row.join));
    gathered = [];
    return [...copies, row];
  });
}
