import { type Options, SingleBar } from 'cli-progress';
import { formatDuration, formatNumber, formatShare } from './format.js';

const LINE_EVERY_MS = 10_000;

/**
 * Shows how far long work is, on stderr: designs, rate, time left, best so far. A line that moves on a terminal, else a
 * plain line every ten seconds.
 */
export class Progress {
  private readonly startMs = Date.now();
  private lastLineMs = this.startMs;
  private readonly bar: SingleBar | undefined;

  /**
   * @param total designs in all
   * @param already designs that an earlier run did
   * @param bestUnit unit of the best objective
   * @param things what is counted
   */
  constructor(
    private readonly total: number,
    private readonly already: number,
    private readonly bestUnit: string,
    private readonly things = 'designs',
  ) {
    if (!process.stderr.isTTY) return;
    this.bar = new SingleBar(this.barOptions());
    this.bar.start(total, already, { text: '' });
  }

  /** @param feasibleShare of the designs so far, where it is known */
  update(done: number, best: number | undefined, feasibleShare?: number): void {
    const text = this.describe(done, best, feasibleShare);
    if (this.bar !== undefined) {
      this.bar.update(done, { text });
      return;
    }
    if (Date.now() - this.lastLineMs < LINE_EVERY_MS) return;
    this.lastLineMs = Date.now();
    process.stderr.write(`${text}\n`);
  }

  stop(): void {
    this.bar?.stop();
  }

  private describe(done: number, best: number | undefined, feasibleShare?: number): string {
    const seconds = Math.max((Date.now() - this.startMs) / 1000, 1e-3);
    const rate = (done - this.already) / seconds;
    const parts = [
      `${formatNumber(done)} of ${formatNumber(this.total)} ${this.things}`,
      `${formatNumber(Math.round(rate))} ${this.things}/s`,
      `${formatDuration((this.total - done) / rate)} left`,
    ];
    if (feasibleShare !== undefined) parts.push(`${formatShare(feasibleShare)} feasible`);
    if (best !== undefined) parts.push(`best ${formatNumber(best)} ${this.bestUnit}`);
    return parts.join(' · ');
  }

  private barOptions(): Options {
    return {
      format: '{bar} {percentage} %  {text}',
      barCompleteChar: '█',
      barIncompleteChar: '░',
      barsize: 24,
      hideCursor: true,
      stream: process.stderr,
      fps: 5,
    };
  }
}
