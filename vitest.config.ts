import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['{psa,kernels,host,agents,bench,test}/**/*.test.ts'],
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
