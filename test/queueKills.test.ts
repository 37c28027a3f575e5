/** Whatever dies over a queue, and however often: the run's folder is that of one process. */
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cosmic, type Outcome, type Running, startCosmic } from './commandLine.js';
import { filesOf } from './queueRuns.js';
import { ended, hasQueueServer, type QueueServer, startQueueServer } from './queueServer.js';

/** Rounds of kills of a sweep; a fifth of them of a search and of a proof. Few in CI, for each takes seconds. */
const ROUNDS = Number(process.env.COSMIC_QUEUE_KILLS ?? 2);
/** At most so long from one round to the next: commands need about a second to begin. */
const PAUSE_MS = Number(process.env.COSMIC_QUEUE_PAUSE_MS ?? 4000);

const folder = mkdtempSync(join(tmpdir(), 'cosmic-kills-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Two workers that are started again when they die, and a driver that goes on with its run. */
class Site {
  private readonly workers: Running[] = [];
  private driver: Running | undefined;
  readonly errors: string[] = [];

  constructor(
    private readonly server: QueueServer,
    private readonly place: string,
    private readonly command: readonly string[],
    /** Beside --queue, whenever it is given. */
    private readonly parts: readonly string[],
  ) {
    this.workers.push(this.startWorker(), this.startWorker());
  }

  /** Goes on with the run until its end, or for so long. */
  async drive(forMs: number): Promise<Outcome | undefined> {
    this.driver ??= this.startDriver();
    return Promise.race([this.driver.outcome, sleep(forMs, undefined)]);
  }

  /** Kills driver and workers at once, and the server on the way. */
  async kill(signal: NodeJS.Signals): Promise<void> {
    const dying = [this.driver, ...this.workers].map((one) => one && ended(one.child, 'SIGKILL'));
    await Promise.all([...dying, this.server.restart(signal, sleep(200))]);
    this.driver = undefined;
    this.workers.splice(0, 2, this.startWorker(), this.startWorker());
  }

  async close(): Promise<void> {
    await Promise.all(this.workers.map(({ child }) => ended(child, 'SIGKILL')));
  }

  private startWorker(): Running {
    return startCosmic(this.place, 'worker', this.server.url, '--threads', '1', '--backend', 'cpu');
  }

  private startDriver(): Running {
    const isBegun = existsSync(join(this.place, 'run', 'manifest.json'));
    const own = isBegun ? [this.command[0]!, '--resume', 'run'] : [...this.command, '--out', 'run', '--backend', 'cpu'];
    return startCosmic(this.place, ...own, '--queue', this.server.url, ...this.parts);
  }
}

describe.skipIf(!hasQueueServer)('a run over a queue', { timeout: 3_600_000 }, () => {
  let server: QueueServer;
  beforeAll(async () => {
    server = await startQueueServer();
  });
  afterAll(() => server.stop());

  it.each([
    ['sweep', ROUNDS, ['sweep', 'cosmic-network', '--count', '300000', '--pareto'], ['--part-size', '5000']],
    [
      'search',
      Math.ceil(ROUNDS / 5),
      ['search', 'cosmic-full', '--evaluations', '5000', '--islands', '4', '--migration', '2'],
      [],
    ],
    ['proof', Math.ceil(ROUNDS / 5), ['prove', 'cosmic-workload', '--objective', 'time'], []],
  ])('a %s survives %i rounds of kills', async (name, rounds, command, parts) => {
    const alone = join(folder, name, 'alone');
    mkdirSync(alone, { recursive: true });
    expect((await cosmic(alone, ...command, '--out', 'run', '--backend', 'cpu')).code).toBe(0);
    const expected = filesOf(join(alone, 'run'));
    for (let done = 0, run = 0; done < rounds; run++) {
      const place = join(folder, name, String(run));
      mkdirSync(place);
      const site = new Site(server, place, command, parts);
      for (;;) {
        const outcome = await site.drive(done < rounds ? PAUSE_MS * Math.random() : 600_000);
        if (outcome !== undefined) {
          expect(outcome.code, outcome.stderr).toBe(0);
          break;
        }
        await site.kill(done % 2 === 0 ? 'SIGKILL' : 'SIGTERM');
        done++;
      }
      await site.close();
      expect(filesOf(join(place, 'run'))).toEqual(expected);
    }
  });
});
