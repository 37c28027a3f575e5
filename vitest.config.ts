import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['{psa,kernels,host,agents,bench,test}/**/*.test.ts'],
    // Most tests keep one core busy, whichever backend they are of.
    maxWorkers: '100%',
    // No test is a stopwatch: limits are for what hangs, on machines that may be busy with other things.
    testTimeout: 180_000,
    hookTimeout: 180_000,
  },
});
