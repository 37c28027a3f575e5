import { describe, expect, it } from 'vitest';
import { compileDesign, loadDefault } from '../../psa/defaults.js';
import { explain } from '../explain.js';
import { type Slice, timeline } from './timeline.js';

const DRAWN = 8;

function graphOf(...set: string[]) {
  const { workload, tiers, fixed } = compileDesign(loadDefault('cosmic-1024', 'gpt3-175b', set));
  return explain(workload, tiers, fixed)[0]!;
}

const passes = (slices: readonly Slice[]) => slices.filter(({ name }) => /^[FB]\d+$/.test(name));
const keyOf = ({ stage, name, startUs }: Slice) => `${stage} ${name} ${startUs}`;

describe.each(['1f1b', 'gpipe'])('a long step, %s', (schedule) => {
  it.each([
    [4, 16, 1],
    [4, 16, 2],
    [16, 8, 1],
    [32, 4, 1],
    [1, 16, 1],
  ])('draws what %d stages do at either end (dp %d, %d virtual stages), and one slice between', (pp, dp, virtual) => {
    const graph = graphOf(
      ...[`workload.pp=${pp}`, `workload.dp=${dp}`, `workload.tp=${1024 / pp / dp}`, 'workload.sp=1'],
      ...[`workload.pipelineSchedule=${schedule}`, `workload.virtualStages=${virtual}`, 'workload.microBatch=1'],
    );
    const whole = timeline(graph, 0, graph.microBatches);
    const { slices, repeated } = timeline(graph, 0, DRAWN);
    expect(passes(whole.slices)).toHaveLength(2 * pp * graph.microBatches);
    expect(whole.repeated).toEqual([]);
    expect(repeated).toHaveLength(schedule === 'gpipe' ? 2 : 1);
    const seen = ({ startUs, durationUs }: Slice) =>
      !repeated.some((span) => startUs >= span.startUs && startUs + durationUs <= span.endUs);
    const drawn = passes(slices).map(keyOf);
    expect(drawn.sort()).toEqual(passes(whole.slices).filter(seen).map(keyOf).sort());
    const rests = slices.filter(({ name }) => name.endsWith('more passes'));
    const left = rests.reduce((sum, { name }) => sum + Number.parseInt(name, 10), 0);
    expect(drawn.length + left).toBe(2 * pp * graph.microBatches);
    // Between the two ends of a stage, and over the other passes.
    for (const rest of rests) {
      for (const pass of passes(slices).filter(({ stage }) => stage === rest.stage)) {
        const before = pass.startUs + pass.durationUs <= rest.startUs * (1 + 1e-9);
        expect(before || pass.startUs >= (rest.startUs + rest.durationUs) * (1 - 1e-9)).toBe(true);
      }
    }
  });
});

it('draws all of a step that is not long', () => {
  const graph = graphOf('workload.dp=16', 'workload.microBatch=8', 'workload.sp=4');
  expect(timeline(graph, 0, DRAWN).repeated).toEqual([]);
  expect(passes(timeline(graph, 0, DRAWN).slices)).toHaveLength(2 * 4 * graph.microBatches);
});
