/** Passes of published pipeline schedules, replayed one by one: what a formula for their idle time is compared with. */

/** Forward, backward to the input, backward to the weights. */
type Kind = 'F' | 'B' | 'W';
export type Durations = Readonly<Record<Kind, number>>;
type Pass = readonly [kind: Kind, chunk: number, microBatch: number];

/** The passes of each NPU in order, and how many chunks the model has. */
export interface Schedule {
  readonly order: readonly (readonly Pass[])[];
  readonly chunks: number;
}

const ranks = (stages: number) => Array.from({ length: stages }, (_, rank) => rank);

/** ZB-H1 (arXiv 2401.10241, 2.1): as 1F1B, but each stage postpones as many W as it has stages before it. */
export function zeroBubbleH1(stages: number, microBatches: number): Schedule {
  const order = ranks(stages).map((rank) => {
    const passes: Pass[] = [];
    let [f, w] = [0, 0];
    for (; f < Math.min(stages - rank, microBatches); f++) passes.push(['F', rank, f]);
    for (let b = 0; b < microBatches; b++) {
      passes.push(['B', rank, b]);
      if (b - w >= rank) passes.push(['W', rank, w++]);
      if (f < microBatches) passes.push(['F', rank, f++]);
    }
    for (; w < microBatches; w++) passes.push(['W', rank, w]);
    return passes;
  });
  return { order, chunks: stages };
}

/** ZB-V as PyTorch runs it (torch.distributed.pipelining, ScheduleZBVZeroBubble): chunks r and 2p − 1 − r on NPU r. */
export function zeroBubbleV(stages: number, microBatches: number): Schedule {
  const order = ranks(stages).map((rank) => {
    const passes: Pass[] = [];
    const [down, up] = [rank, 2 * stages - 1 - rank];
    const next = { F: [0, 0], B: [0, 0], W: [0, 0] };
    const run = (kind: Kind, way: 0 | 1) => passes.push([kind, way === 0 ? down : up, next[kind][way]!++]);
    const backward = (way: 0 | 1) => {
      run('B', way);
      run('W', way);
    };
    for (let i = 0; i < 2 * (stages - rank) - 1; i++) run('F', 0);
    for (let i = 0; i < rank; i++) {
      run('F', 1);
      run('F', 0);
    }
    for (let i = 0; i < stages - rank; i++) {
      run('F', 1);
      backward(1);
    }
    while (next.F[1]! < next.F[0]! || next.F[0]! < microBatches) {
      if (next.F[0]! < microBatches) run('F', 0);
      backward(0);
      run('F', 1);
      backward(1);
    }
    for (let i = 0; i < rank; i++) {
      run('B', 0);
      run('B', 1);
    }
    for (let i = 0; i < stages - rank; i++) {
      run('B', 0);
      run('W', 0);
    }
    while (next.W[1]! < microBatches) run('W', 1);
    while (next.W[0]! < microBatches) run('W', 0);
    return passes;
  });
  return { order, chunks: 2 * stages };
}

/** The longest time that an NPU waits between its first and its last pass, and in all until the last NPU has ended. */
export function replay({ order, chunks }: Schedule, durations: Durations): { betweenUs: number; allUs: number } {
  const ended = new Map<string, number>();
  const npus = order.map(() => ({ done: 0, startUs: Number.NaN, endUs: 0, workUs: 0 }));
  const neededBy = ([kind, chunk, k]: Pass): string | undefined => {
    if (kind === 'W') return `B ${chunk} ${k}`;
    if (kind === 'B') return chunk === chunks - 1 ? `F ${chunk} ${k}` : `B ${chunk + 1} ${k}`;
    return chunk === 0 ? undefined : `F ${chunk - 1} ${k}`;
  };
  for (let goesOn = true; goesOn; ) {
    goesOn = false;
    for (const [rank, npu] of npus.entries()) {
      for (let pass = order[rank]![npu.done]; pass !== undefined; pass = order[rank]![npu.done]) {
        const needed = neededBy(pass);
        if (needed !== undefined && !ended.has(needed)) break;
        const startUs = Math.max(npu.endUs, needed === undefined ? 0 : ended.get(needed)!);
        if (npu.done === 0) npu.startUs = startUs;
        npu.endUs = startUs + durations[pass[0]];
        npu.workUs += durations[pass[0]];
        ended.set(pass.join(' '), npu.endUs);
        npu.done++;
        goesOn = true;
      }
    }
  }
  if (npus.some(({ done }, rank) => done < order[rank]!.length)) throw new Error('the schedule waits for itself');
  const workUs = npus[0]!.workUs;
  return {
    betweenUs: Math.max(...npus.map((npu) => npu.endUs - npu.startUs - npu.workUs)),
    allUs: Math.max(...npus.map(({ endUs }) => endUs)) - workUs,
  };
}
