import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['{psa,kernels,host,agents,bench,test}/**/*.test.ts'],
    // No test is a stopwatch: limits are for what hangs, on machines that may be busy with other things.
    testTimeout: 180_000,
    hookTimeout: 180_000,
  },
});
