import { readFileSync } from 'node:fs';

const manifest: unknown = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));

/** Version of Chargetape, as package.json has it. */
export const TOOL_VERSION = (manifest as { version: string }).version;
