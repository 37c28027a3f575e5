import { existsSync } from 'node:fs';
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/**
 * Files that take longest, the longest first: those that begin last leave a core idle at the end. Of the others Vitest takes first what
 * took longest in a run before, or else the larger file.
 */
const LONGEST = [
  'test/docs.test.ts',
  'host/backends/webgpu/boxes.test.ts',
  'test/prove.test.ts',
  'host/proof/prove.test.ts',
  'test/badInputs/badInputs.test.ts',
  'test/commandLine.test.ts',
  'test/check.test.ts',
  'kernels/bound/bounder.test.ts',
  'host/study/compare.test.ts',
  'test/agentsCommandLine.test.ts',
  'test/results.test.ts',
  'test/report.test.ts',
  'kernels/schedule/monotone.test.ts',
  'test/queueErrors.test.ts',
  'test/queueKills.test.ts',
  'host/backends/evaluator.test.ts',
];
const gone = LONGEST.filter((file) => !existsSync(file));
if (gone.length > 0) throw new Error(`vitest.config.ts: there is no ${gone.join(', ')}`);

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const placeOf = ({ moduleId }: TestSpecification): number => {
      const place = LONGEST.findIndex((file) => moduleId.endsWith(`/${file}`));
      return place < 0 ? LONGEST.length : place;
    };
    return (await super.sort(files)).sort((one, other) => placeOf(one) - placeOf(other));
  }
}

export default defineConfig({
  test: {
    include: ['{psa,kernels,host,agents,bench,test}/**/*.test.ts'],
    sequence: { sequencer: LongestFirst },
    // Most tests keep one core busy, whichever backend they are of.
    maxWorkers: '100%',
    // No test is a stopwatch: limits are for what hangs, on machines that may be busy with other things.
    testTimeout: 180_000,
    hookTimeout: 180_000,
    // Mesa writes its cache of shaders in a thread of the least priority. It may be the last of a killed worker to die and then frees the
    // memory of all of it, which on a busy machine takes longer than the ten seconds that Vitest grants.
    teardownTimeout: 180_000,
  },
});
