import { Command } from 'commander';
import { formatNumber, plural } from '../display/format.js';
import { parseAddress } from '../queue/server.js';
import { work } from '../queue/worker.js';
import { reportFailure } from './failure.js';
import { drained } from './interrupt.js';
import { addBackendOptions, addJsonOption, type BackendOptions, type JsonOption } from './options.js';
import { note, print } from './output.js';

interface WorkerCommandOptions extends BackendOptions, JsonOption {
  readonly untilEmpty?: boolean;
}

/** A worker that has something to do tells its rate so often. */
const RATE_EVERY_MS = 10_000;

const EXAMPLE = `
Examples:
  cosmic worker redis://head:6379                 on as many machines as there are (docs/cluster.md)
  cosmic worker redis://head:6379 --until-empty   ends with the last run
  COSMIC_QUEUE_PASSWORD=… cosmic worker rediss://head:6379`;

export function workerCommand(): Command {
  const command = new Command('worker')
    .description('Do parts of what sweep, search, prove and study put into a queue by --queue.')
    .argument('<url>', 'of the Redis or Valkey that has the queue, such as redis://host:6379')
    .option('--until-empty', 'end when all runs have ended that were there (default: at SIGTERM or Ctrl-C)');
  addJsonOption(addBackendOptions(command));
  return command.addHelpText('after', EXAMPLE).action(async (url: string, options: WorkerCommandOptions) => {
    const { backend, threads, untilEmpty = false } = options;
    const address = parseAddress(url);
    const rate = new Rate();
    const summary = await drained((signal) =>
      work(address, {
        evaluator: { backend, ...(threads === undefined ? {} : { threads }) },
        untilEmpty,
        signal,
        onRun: (name, description) =>
          note(
            description === undefined ? `run ${shortName(name)} has ended` : `run ${shortName(name)}: ${description}`,
          ),
        onRefusal: (name, { message, remedy }) => note(`run ${shortName(name)} refused: ${message}; ${remedy}`),
        onPart: (count) => rate.add(count),
      }),
    )
      .finally(() => rate.stop())
      .catch((error: unknown) => endBy(error, options.json === true));
    print(
      options.json,
      () => summary,
      () => [`${plural(summary.parts, 'part')} done: ${formatNumber(summary.designs)} designs and boxes`],
    );
  });
}

/** The queue's library waits for a server that is gone, and would keep the process. */
function endBy(error: unknown, json: boolean): never {
  reportFailure(error, json);
  process.exit();
}

/** Enough of a run's name for people. */
function shortName(name: string): string {
  return name.slice(0, 8);
}

/** Says now and then how much a worker does. */
class Rate {
  private done = 0;
  private parts = 0;
  private readonly timer = setInterval(() => this.tell(), RATE_EVERY_MS);

  add(count: number): void {
    this.done += count;
    this.parts++;
  }

  stop(): void {
    clearInterval(this.timer);
  }

  private tell(): void {
    if (this.parts === 0) return;
    const perSecond = Math.round((1000 * this.done) / RATE_EVERY_MS);
    note(`${plural(this.parts, 'part')} · ${formatNumber(perSecond)} designs or boxes/s`);
    this.done = 0;
    this.parts = 0;
  }
}
