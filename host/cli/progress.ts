import { type Options, SingleBar } from 'cli-progress';
import { formatDuration, formatNumber, formatShare } from '../display/format.js';

const LINE_EVERY_MS = 10_000;
/** The rate is that of so much time: work begins slowly, while code is compiled and threads start. */
const WINDOW_MS = 3000;

/**
 * Shows how far long work is, on stderr: designs, rate, time left, best so far. A line that moves on a terminal, else a
 * plain line every ten seconds.
 */
export class Progress {
  private lastLineMs = Date.now();
  /** What was done when, of the last while; the first is from before it. */
  private readonly recent: { readonly ms: number; readonly done: number }[];
  private readonly bar: SingleBar | undefined;

  /**
   * @param total designs in all
   * @param already designs that an earlier run did
   * @param bestUnit unit of the best objective
   * @param things what is counted
   */
  constructor(
    private readonly total: number,
    already: number,
    private readonly bestUnit: string,
    private readonly things = 'designs',
  ) {
    this.recent = [{ ms: this.lastLineMs, done: already }];
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
    const rate = this.rate(done);
    const parts = [
      `${formatNumber(done)} of ${formatNumber(this.total)} ${this.things}`,
      `${formatNumber(Math.round(rate))} ${this.things}/s`,
      `${formatDuration((this.total - done) / rate)} left`,
    ];
    if (feasibleShare !== undefined) parts.push(`${formatShare(feasibleShare)} feasible`);
    if (best !== undefined) parts.push(`best ${formatNumber(best)} ${this.bestUnit}`);
    return parts.join(' · ');
  }

  /** Per second. */
  private rate(done: number): number {
    const ms = Date.now();
    this.recent.push({ ms, done });
    while (this.recent.length > 2 && this.recent[1]!.ms < ms - WINDOW_MS) this.recent.shift();
    const first = this.recent[0]!;
    return (done - first.done) / Math.max((ms - first.ms) / 1000, 1e-3);
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
