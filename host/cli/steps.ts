import { formatNumber } from '../display/format.js';
import { note, redraw } from './output.js';

const EVERY_MS = 5000;

/** Says on stderr what long work of several parts is at: a line when a part begins, and now and then how far it is. */
export class Steps {
  private lastMs = 0;
  private readonly onTerminal = process.stderr.isTTY === true;

  update(what: string, done: number, total: number): void {
    if (Date.now() - this.lastMs < EVERY_MS) return;
    this.lastMs = Date.now();
    const line = `${what} · ${formatNumber(done)} of ${formatNumber(total)}`;
    if (this.onTerminal) redraw(line);
    else note(line);
  }

  stop(): void {
    if (this.onTerminal) redraw('');
  }
}
