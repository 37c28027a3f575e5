/** A Valkey or Redis of our own, on loopback, for tests of queues. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';

const BINARY = ['valkey-server', 'redis-server'].find((name) => spawnSync(name, ['--version']).status === 0);

/** Tests of queues need a server; with COSMIC_REQUIRE_QUEUE=1 they fail where there is none. */
export const hasQueueServer = BINARY !== undefined || process.env.COSMIC_REQUIRE_QUEUE === '1';

if (!hasQueueServer) {
  console.warn('SKIPPED: tests of queues, for want of valkey-server; install the Debian package, or redis-server');
}

export interface QueueServer {
  readonly url: string;
  /** Its files. */
  readonly folder: string;
  /** A client for what a stranger may do to it. */
  client(): Redis;
  /** Waits until so many runs or workers have told of themselves. */
  hearsOf(what: 'runs' | 'workers', count?: number): Promise<void>;
  /** Ends it, by the signal, and starts it again with its append-only file; in between it waits. */
  restart(signal: NodeJS.Signals, pause?: Promise<unknown>): Promise<void>;
  stop(): Promise<void>;
}

/** Files of a certificate that signs itself, for 127.0.0.1. */
export interface Certificate {
  readonly cert: string;
  readonly key: string;
}

interface ServerOptions {
  readonly host: string;
  readonly port: number;
  readonly password?: string;
  readonly tls?: { readonly ca: Buffer };
}

/**
 * @param password without it, the server lets everybody in
 * @param certificate with it, the server speaks TLS alone
 */
export async function startQueueServer(password = '', certificate?: Certificate): Promise<QueueServer> {
  if (BINARY === undefined) throw new Error('neither valkey-server nor redis-server is installed');
  const folder = mkdtempSync(join(tmpdir(), 'cosmic-queue-'));
  const port = await freePort();
  const lock = password === '' ? [] : ['--requirepass', password];
  const files = ['--dir', folder, '--save', '', '--appendonly', 'yes', '--appendfsync', 'always'];
  const args = [...portArgs(port, certificate), '--bind', '127.0.0.1', ...files, ...lock];
  const options: ServerOptions = {
    host: '127.0.0.1',
    port,
    ...(password === '' ? {} : { password }),
    ...(certificate === undefined ? {} : { tls: { ca: readFileSync(certificate.cert) } }),
  };
  const start = async () => {
    const child = spawn(BINARY, args, { stdio: 'ignore' });
    await answers(options);
    return child;
  };
  let child = await start();
  const end = (signal: NodeJS.Signals) => ended(child, signal);
  return {
    url: `${certificate === undefined ? 'redis' : 'rediss'}://${password === '' ? '' : `:${password}@`}127.0.0.1:${port}`,
    folder,
    client: () => new Redis(options),
    async hearsOf(what, count = 1) {
      const client = new Redis(options);
      while ((await client.zcard(`cosmic:${what}`)) < count) await sleep(20);
      client.disconnect();
    },
    async restart(signal, pause) {
      await end(signal);
      await pause;
      child = await start();
    },
    async stop() {
      await end('SIGKILL');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function portArgs(port: number, certificate: Certificate | undefined): string[] {
  if (certificate === undefined) return ['--port', String(port)];
  const { cert, key } = certificate;
  const files = ['--tls-cert-file', cert, '--tls-key-file', key, '--tls-ca-cert-file', cert];
  return ['--port', '0', '--tls-port', String(port), '--tls-auth-clients', 'no', ...files];
}

/** Sends a signal and waits for the end. */
export async function ended(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const over = new Promise((resolve) => child.once('exit', resolve));
  child.kill(signal);
  await over;
}

/**
 * A port that nobody listens to. It is none of those that systems hand out for connections (from 32768 on, or higher up): while a
 * server is away, who tries to reach it might be given its port, and would reach himself.
 */
export async function freePort(): Promise<number> {
  const port = randomInt(16_384, 32_768);
  return (await isFree(port)) ? port : freePort();
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}

async function answers(options: ServerOptions): Promise<void> {
  const client = new Redis({ ...options, retryStrategy: () => 20, maxRetriesPerRequest: null });
  client.on('error', () => undefined);
  await client.ping();
  client.disconnect();
}
