/** Word that runs have begun or ended, so that who waits for them need not look for them all the time. */
import type { Redis } from 'ioredis';
import { NEWS } from './registry.js';

/** Waits for word, or for a while: who looks then finds what a lost word told of. */
export class News {
  /** There was word that nobody waited for. */
  private isOut = false;
  private wake: (() => void) | undefined;
  private readonly listener: Redis;

  /** On a connection of its own: one that listens can do nothing else. */
  constructor(redis: Redis) {
    this.listener = redis.duplicate();
    this.listener.on('error', () => undefined);
    this.listener.on('message', () => {
      this.isOut = true;
      this.wake?.();
    });
    this.listener.subscribe(NEWS).catch(() => undefined);
  }

  /** @param signal ends the wait */
  wait(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const end = () => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', end);
        this.wake = undefined;
        this.isOut = false;
        resolve();
      };
      const timer = setTimeout(end, ms);
      signal?.addEventListener('abort', end);
      this.wake = end;
      if (this.isOut || signal?.aborted === true) end();
    });
  }

  close(): void {
    this.listener.disconnect();
  }
}
