import { describe, expect, it } from 'vitest';
import { smallSpace } from '../../../test/smallSpace.js';
import { webgpuAvailable } from '../../../test/webgpu.js';
import { createPersistentResidence } from './persistent.js';

describe.skipIf(!(await webgpuAvailable()))('a persistent residence', () => {
  it('gives up on a device that is lost twice without progress', async () => {
    const residence = await createPersistentResidence(smallSpace());
    let tries = 0;
    const work = residence.use(async ({ open }) => {
      tries++;
      open.destroy();
      return open.whileAlive(new Promise<never>(() => undefined));
    });
    await expect(work).rejects.toMatchObject({ code: 'DEVICE_LOST' });
    expect(tries).toBe(2);
    await residence.close();
  });

  it('passes other errors on', async () => {
    const residence = await createPersistentResidence(smallSpace());
    await expect(residence.use(() => Promise.reject(new Error('a bug')))).rejects.toThrow('a bug');
    await residence.close();
  });
});
