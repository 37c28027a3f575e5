import { getEventListeners } from 'node:events';
import { expect, it } from 'vitest';
import { unlessAborted } from './aborting.js';

it('waits for work or a signal, and leaves nothing behind', async () => {
  const controller = new AbortController();
  const { signal } = controller;
  const listeners = () => getEventListeners(signal, 'abort').length;
  expect(await unlessAborted(Promise.resolve(7), signal)).toBe(7);
  await expect(unlessAborted(Promise.reject(new Error('no')), signal)).rejects.toThrow('no');
  await new Promise(setImmediate);
  expect(listeners()).toBe(0);
  const waiting = unlessAborted(new Promise(() => undefined), signal);
  expect(listeners()).toBe(1);
  controller.abort();
  expect(await waiting).toBeUndefined();
  expect(await unlessAborted(new Promise(() => undefined), signal)).toBeUndefined();
  expect(await unlessAborted(Promise.resolve(7), undefined)).toBe(7);
});
