import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Command, Option } from 'commander';
import { ChargetapeError } from '../errors.ts';
import { protocolFor } from '../ocpp/protocols.ts';
import { drive, serverOf } from '../replay/command-driver.ts';
import { type CommandFile, NO_COMMANDS, parseCommandFile } from '../replay/command-file.ts';
import type { MissingCommandPolicy } from '../replay/gates.ts';
import type { Hook } from '../replay/hook.ts';
import type { OrphanMode, PlanRules } from '../replay/plan.ts';
import { parseProbeFile } from '../replay/probe-file.ts';
import { look } from '../replay/probe-look.ts';
import type { Probing } from '../replay/probing.ts';
import type { Driving } from '../replay/session-run.ts';
import { parseSeconds } from './arguments.ts';
import { readText } from './input.ts';

/** The flags of `replay` that say how a virtual charger behaves. */
export interface ChargerOptions {
  commands?: string;
  onMissingCommand: MissingCommandPolicy;
  orphanTransactions: OrphanMode;
  maxGap?: number;
  hook?: string;
  probe?: string;
}

/** Adds the flags that say how a virtual charger behaves. */
export function withChargerOptions(command: Command): Command {
  const policies = 'leave out what depends on a command that does not come, do it anyway, or end the session';
  const orphans = 'transactions that run when the recording begins: as recorded, started first, left out';
  return command
    .option('--commands <file>', 'JSON: how the CSMS is made to send the commands that people start')
    .addOption(
      new Option('--on-missing-command <policy>', policies)
        .choices(['skip-dependents', 'continue', 'stop'])
        .default('skip-dependents'),
    )
    .addOption(
      new Option('--orphan-transactions <mode>', orphans).choices(['keep', 'start', 'skip']).default('keep'),
    )
    .option('--max-gap <seconds>', 'let no pause of the run be longer than this', parseSeconds)
    .option('--hook <file>', 'an ES module whose onSend(message, context) may rewrite what is sent')
    .option('--probe <file>', 'JSON: what to look at in the system under test, and after what');
}

/** What a command file says, or nothing when there is none. NO_SUCH_FILE, BAD_COMMANDS. */
export function commandsOf({ commands: file }: ChargerOptions): CommandFile {
  if (file === undefined) return NO_COMMANDS;
  const protocol = protocolFor(null);
  return parseCommandFile(readText(file), file, (action) => {
    const caller = protocol.callerOf(action);
    return caller === 'csms' || caller === 'both';
  });
}

/** What these flags decide about a plan. NO_SUCH_FILE, BAD_COMMANDS. */
export function rulesOf(options: ChargerOptions): PlanRules {
  const { external, reaction, drivers } = commandsOf(options);
  return { external, reaction, driven: new Set(drivers.keys()), orphans: options.orphanTransactions };
}

/**
 * Who makes the CSMS send commands; undefined when nobody does. `guard` refuses a host, at once where a URL names it.
 * NO_SUCH_FILE, BAD_COMMANDS, TARGET_REFUSED.
 */
export async function drivingOf(
  options: ChargerOptions & { wait: number },
  guard: (host: string, port: number) => Promise<void>,
): Promise<Driving | undefined> {
  const { drivers } = commandsOf(options);
  if (drivers.size === 0) return undefined;
  const guardUrl = urlGuard(guard);
  for (const driver of drivers.values()) {
    const server = serverOf(driver, process.env);
    if (server) await guardUrl(server);
  }
  const ground = { drivers, env: process.env, timeoutMs: options.wait * 1000, guard: guardUrl };
  return (action, values) => drive(ground, action, values);
}

/** What is looked at in the system under test; undefined when nothing is. `guard` as for drivers. NO_SUCH_FILE, BAD_PROBES, TARGET_REFUSED. */
export async function probingOf(
  options: ChargerOptions & { wait: number },
  guard: (host: string, port: number) => Promise<void>,
): Promise<Probing | undefined> {
  const { probe: file } = options;
  if (file === undefined) return undefined;
  const protocol = protocolFor(null);
  const probes = parseProbeFile(readText(file), file, (action) => {
    const caller = protocol.callerOf(action);
    return caller === 'charger' || caller === 'both';
  });
  const guardUrl = urlGuard(guard);
  for (const { driver } of probes) {
    const server = serverOf(driver, process.env);
    if (server) await guardUrl(server);
  }
  const ground = { env: process.env, timeoutMs: options.wait * 1000, guard: guardUrl };
  return { probes, look: ({ driver }, values) => look(driver, values, ground) };
}

/** The same guard for what a URL names. */
function urlGuard(guard: (host: string, port: number) => Promise<void>): (url: URL) => Promise<void> {
  return ({ protocol, hostname, port }) =>
    guard(hostname.replace(/^\[|\]$/g, ''), Number(port || (protocol === 'https:' ? 443 : 80)));
}

/** The `onSend` of the hook's file; undefined when there is none. NO_SUCH_FILE, BAD_HOOK. */
export async function hookOf({ hook: file }: ChargerOptions): Promise<Hook | undefined> {
  if (file === undefined) return undefined;
  readText(file);
  let module: { onSend?: unknown };
  try {
    module = await import(pathToFileURL(resolve(file)).href);
  } catch (cause) {
    const what = cause instanceof Error ? cause.message : String(cause);
    throw new ChargetapeError('BAD_HOOK', `${file} cannot be loaded: ${what}.`, { cause });
  }
  if (typeof module.onSend === 'function') return module.onSend as Hook;
  throw new ChargetapeError('BAD_HOOK', `${file} exports no function onSend.`);
}
