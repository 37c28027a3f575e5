import { type Options, SingleBar } from 'cli-progress';
import { formatDuration, formatNumber, formatShare, plural } from '../display/format.js';
import { note } from './output.js';

const LINE_EVERY_MS = 10_000;
/** The rate is that of so much time: work begins slowly, while code is compiled and threads start. */
const WINDOW_MS = 3000;

const BAR_SIZE = 16;
/** ` 100 %  `, and a character to spare. */
const PERCENTAGE_SIZE = 9;
const USUAL_COLUMNS = 80;

/** What a line of progress says. */
export interface ProgressPart {
  readonly text: string;
  /** Where a line is too short for all, those of the least weight are left out. */
  readonly weight: number;
}

/** As many of the parts as fit, in their order; the weightiest always. */
export function fitted(parts: readonly ProgressPart[], width: number): string {
  const shown = [...parts];
  const text = () => shown.map((part) => part.text).join(' · ');
  while (shown.length > 1 && text().length > width) {
    const least = shown.reduce((one, other) => (other.weight < one.weight ? other : one));
    shown.splice(shown.indexOf(least), 1);
  }
  return text();
}

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
    readonly total: number,
    already: number,
    private readonly bestUnit: string,
    private readonly things = 'designs',
  ) {
    this.recent = [{ ms: this.lastLineMs, done: already }];
    if (!process.stderr.isTTY) return;
    this.bar = new SingleBar(this.barOptions());
    this.bar.start(total, already, { text: '' });
  }

  /**
   * @param feasibleShare of the designs so far, where it is known
   * @param workers that are there, where they come and go
   */
  update(done: number, best: number | undefined, feasibleShare?: number, workers?: number): void {
    const text = this.describe(done, best, feasibleShare, workers);
    if (this.bar !== undefined) {
      this.bar.update(done, { text });
      return;
    }
    if (Date.now() - this.lastLineMs < LINE_EVERY_MS) return;
    this.lastLineMs = Date.now();
    note(text);
  }

  stop(): void {
    this.bar?.stop();
  }

  private describe(done: number, best: number | undefined, feasibleShare?: number, workers?: number): string {
    const rate = this.rate(done);
    const parts = [
      { text: `${formatNumber(done)} of ${formatNumber(this.total)} ${this.things}`, weight: 1 },
      { text: `${formatNumber(Math.round(rate))} ${this.things}/s`, weight: 2 },
      { text: `${formatDuration((this.total - done) / rate)} left`, weight: 3 },
    ];
    if (workers !== undefined) parts.push({ text: plural(workers, 'worker'), weight: 1.5 });
    if (feasibleShare !== undefined) parts.push({ text: `${formatShare(feasibleShare)} feasible`, weight: 0 });
    if (best !== undefined) parts.push({ text: `best ${formatNumber(best)} ${this.bestUnit}`, weight: 4 });
    return fitted(parts, this.textWidth());
  }

  /** Per second. */
  private rate(done: number): number {
    const ms = Date.now();
    this.recent.push({ ms, done });
    while (this.recent.length > 2 && this.recent[1]!.ms < ms - WINDOW_MS) this.recent.shift();
    const first = this.recent[0]!;
    return (done - first.done) / Math.max((ms - first.ms) / 1000, 1e-3);
  }

  /** Characters beside the bar; no end where lines go to a file. */
  private textWidth(): number {
    if (this.bar === undefined) return Number.POSITIVE_INFINITY;
    return (process.stderr.columns || USUAL_COLUMNS) - BAR_SIZE - PERCENTAGE_SIZE;
  }

  private barOptions(): Options {
    return {
      format: '{bar} {percentage} %  {text}',
      barCompleteChar: '█',
      barIncompleteChar: '░',
      barsize: BAR_SIZE,
      hideCursor: true,
      stream: process.stderr,
      fps: 5,
    };
  }
}
