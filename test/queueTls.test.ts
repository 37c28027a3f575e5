/** A queue over TLS: whoever knows the server's authority works there, who does not says so. */
import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cosmic, cosmicAfter } from './commandLine.js';
import { filesOf } from './queueRuns.js';
import { type Certificate, hasQueueServer, type QueueServer, startQueueServer } from './queueServer.js';
import { temporaryFolder } from './temporaryFolder.js';

const hasOpenssl = spawnSync('openssl', ['version']).status === 0;
if (!hasOpenssl) console.warn('SKIPPED: tests of queues over TLS, for want of openssl');

const folder = temporaryFolder('queue-tls');

/** A certificate that signs itself, and is its own authority. */
function certificate(): Certificate {
  const [cert, key] = [join(folder, 'cert.pem'), join(folder, 'key.pem')];
  const subject = ['-subj', '/CN=a queue of tests', '-addext', 'subjectAltName=IP:127.0.0.1'];
  const files = ['-keyout', key, '-out', cert];
  const made = spawnSync('openssl', [
    'req',
    '-x509',
    '-newkey',
    'rsa:2048',
    '-nodes',
    '-days',
    '2',
    ...subject,
    ...files,
  ]);
  expect(made.status, String(made.stderr)).toBe(0);
  return { cert, key };
}

describe.skipIf(!hasQueueServer || !hasOpenssl)('over TLS', () => {
  let server: QueueServer;
  let cert: string;
  beforeAll(async () => {
    const made = certificate();
    cert = made.cert;
    server = await startQueueServer('a-password', made);
  });
  afterAll(() => server.stop());

  const worker = ['--until-empty', '--threads', '1', '--backend', 'cpu'];
  const sweep = ['sweep', 'cosmic-network', '--count', '20000', '--backend', 'cpu', '--out', 'run'];

  it('a sweep comes to the bytes of one process', async () => {
    const [alone, driven] = ['alone', 'driven'].map((name) => join(folder, name));
    for (const at of [alone!, driven!]) mkdirSync(at);
    const knows = `export NODE_EXTRA_CA_CERTS=${cert}`;
    const [, far, worked] = await Promise.all([
      cosmic(alone!, ...sweep),
      cosmicAfter(driven!, knows, ...sweep, '--queue', server.url),
      cosmicAfter(driven!, knows, 'worker', server.url, ...worker),
    ]);
    expect(far.code, far.stderr).toBe(0);
    expect(worked.code, worked.stderr).toBe(0);
    expect(filesOf(join(driven!, 'run'))).toEqual(filesOf(join(alone!, 'run')));
  });

  it('who does not know the authority, or speaks without TLS, gets one error', async () => {
    const [stranger, plain] = await Promise.all([
      cosmic(folder, 'worker', server.url, ...worker),
      cosmic(folder, 'worker', server.url.replace('rediss:', 'redis:'), ...worker),
    ]);
    expect(stranger.stderr).toMatch(/the server cannot be reached \(DEPTH_ZERO_SELF_SIGNED_CERT\)/);
    expect(stranger.stderr).toMatch(/fix: .*NODE_EXTRA_CA_CERTS/);
    expect(plain.stderr).toMatch(/the server cannot be reached/);
    for (const { code, stderr } of [stranger, plain]) {
      expect(code).toBe(2);
      expect(stderr).not.toContain('a-password');
    }
  });
});
