import { expect, it } from 'vitest';
import { loadGpujs } from './runner.js';

it('says what to install where gpu.js is missing', async () => {
  const load = () => import('no-such-package' as 'gpu.js');
  await expect(loadGpujs('cpu', load)).rejects.toThrow(
    expect.objectContaining({ code: 'BACKEND_LIMIT', remedy: expect.stringContaining('npm install gpu.js@') }),
  );
});
