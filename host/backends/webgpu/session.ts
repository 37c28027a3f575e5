import { type OpenDevice, openDevice } from './device.js';

/** The process's one device: its pipelines serve all evaluators. */
let current: Promise<OpenDevice> | undefined;

/** A device lives as long as the process: each new one would take memory for its compilers that no driver gives back. */
async function openForProcess(): Promise<OpenDevice> {
  const open = await openDevice();
  process.once('exit', open.destroy);
  open.device.lost.then(() => process.off('exit', open.destroy));
  return open;
}

async function usable(device: Promise<OpenDevice>): Promise<boolean> {
  const open = await device.catch(() => undefined);
  return open !== undefined && !open.isLost;
}

/**
 * The process's device; opens one if there is none, or if it was lost. It keeps no process from ending.
 *
 * @throws CosmicError NO_ADAPTER, SHADER, BACKEND_LIMIT
 */
export async function processDevice(): Promise<OpenDevice> {
  const seen = current;
  if (seen !== undefined && !(await usable(seen)) && current === seen) current = undefined;
  current ??= openForProcess();
  return current;
}
