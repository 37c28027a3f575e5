import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';

const EXECUTABLE = '/usr/bin/chromium';

/** Tests of pages need a browser; with COSMIC_REQUIRE_CHROMIUM=1 they fail where there is none. */
export const hasChromium = existsSync(EXECUTABLE) || process.env.COSMIC_REQUIRE_CHROMIUM === '1';

if (!hasChromium) {
  console.warn(`SKIPPED: tests of the HTML report, for want of ${EXECUTABLE}; install the Debian package chromium`);
}

/** Quiet, and without what a browser asks of the network by itself. */
const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

export function launchChromium(): Promise<Browser> {
  return chromium.launch({ executablePath: EXECUTABLE, args: FLAGS });
}
