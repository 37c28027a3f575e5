import { type OpenDevice, openDevice } from './device.js';

/** The process's one device: its pipelines serve all evaluators. */
let current: Promise<OpenDevice> | undefined;
const users = new Map<OpenDevice, number>();

async function usable(device: Promise<OpenDevice>): Promise<boolean> {
  const open = await device.catch(() => undefined);
  return open !== undefined && !open.isLost;
}

/**
 * Takes part in the process's device; opens one if there is none, or if it was lost.
 *
 * @throws CosmicError NO_ADAPTER, SHADER, BACKEND_LIMIT
 */
export async function acquireDevice(): Promise<OpenDevice> {
  const seen = current;
  if (seen !== undefined && !(await usable(seen)) && current === seen) current = undefined;
  current ??= openDevice();
  const open = await current;
  users.set(open, (users.get(open) ?? 0) + 1);
  return open;
}

/** Ends one part in a device; the last one's end destroys it, so that the process can end. */
export function releaseDevice(open: OpenDevice): void {
  const left = (users.get(open) ?? 0) - 1;
  if (left > 0) {
    users.set(open, left);
    return;
  }
  users.delete(open);
  open.destroy();
}
