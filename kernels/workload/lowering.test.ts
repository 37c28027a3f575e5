import { describe, expect, test } from 'vitest';
import { listPresets, loadModel } from '../../psa/index.js';
import { lower, rowsOf, type Step } from './lowering.js';
import { isCollective } from './operation.js';
import { opGraph, SECTIONS } from './transformer.js';

const phases = listPresets('models').flatMap((model) => loadModel(model).phases);

describe.each(phases.map((phase) => [`${phase.model} ${phase.phase}`, phase] as const))('%s', (_, phase) => {
  const { steps, calls, segments, layerChannels } = lower(phase);
  const graph = opGraph(phase);
  const all = SECTIONS.flatMap((section) => steps[section]);

  test('every row is in one step, in its order', () => {
    for (const section of SECTIONS) expect(steps[section].flatMap(rowsOf)).toEqual(graph[section]);
  });

  test('nothing that communicates is unwaited for at the end of a section', () => {
    for (const section of SECTIONS) {
      const behind = steps[section].slice(steps[section].findLastIndex(({ kind }) => kind === 'communicate') + 1);
      const waits = behind.filter((step): step is Step & { kind: 'wait' } => step.kind === 'wait');
      if (behind.length < steps[section].length) expect(waits.at(-1)?.join).toBe('last');
    }
  });

  test('segments are numbered without a gap, and calls stand for all collectives', () => {
    expect(all.flatMap((step) => (step.kind === 'compute' ? [step.segment] : []))).toEqual([...Array(segments).keys()]);
    const collectives = SECTIONS.flatMap((section) => graph[section].filter(isCollective));
    expect(calls.flatMap(([, rows]) => rows)).toHaveLength(collectives.length);
    const inLayers = [...graph.layerForward, ...graph.layerBackward].filter(isCollective);
    expect(layerChannels.flatMap(({ rows }) => rows)).toHaveLength(inLayers.length);
  });
});
