import { Command, CommanderError } from 'commander';
import { ChargetapeError } from '../errors.ts';
import { endWithReaders } from './output.ts';
import type { Run } from './run.ts';
import { TOOL_VERSION } from './version.ts';

/** Exit codes by cause, as the README documents them. */
export const EXIT_CODES = {
  0: 'no unaccepted difference; for other commands: done',
  1: 'the candidate differs from the baseline',
  2: 'usage or configuration: nothing was done',
  3: 'incomplete or unusable: something could not be replayed, compared or read',
  4: 'a threshold of a load run was missed',
  129: 'stopped by SIGHUP: its terminal has gone',
  130: 'stopped by SIGINT',
  143: 'stopped by SIGTERM',
} as const;

/** Each command where it stands: loaded only when it is wanted, since all of them take half a second. */
const COMMANDS: Record<string, (run: Run) => Promise<Command>> = {
  record: async (run) => (await import('./record.ts')).recordCommand(run),
  replay: async (run) => (await import('./replay.ts')).replayCommand(run),
  diff: async (run) => (await import('./diff.ts')).diffCommand(run),
  ui: async (run) => (await import('./ui.ts')).uiCommand(run),
  accept: async (run) => (await import('./accept.ts')).acceptCommand(run),
  reject: async (run) => (await import('./accept.ts')).rejectCommand(run),
  list: async (run) => (await import('./list.ts')).listCommand(run),
  show: async (run) => (await import('./show.ts')).showCommand(run),
  stats: async (run) => (await import('./stats.ts')).statsCommand(run),
  cut: async (run) => (await import('./cut.ts')).cutCommand(run),
  import: async (run) => (await import('./import.ts')).importCommand(run),
  merge: async (run) => (await import('./merge.ts')).mergeCommand(run),
  charge: async (run) => (await import('./charge.ts')).chargeCommand(run),
  demo: async (run) => (await import('./demo/demo.ts')).demoCommand(run),
};

/** The command line with these commands, all when not named. Each command hands its exit code to `run`. */
export async function commandLine(
  run: Run,
  names: readonly string[] = Object.keys(COMMANDS),
): Promise<Command> {
  const program = new Command('chargetape')
    .description(
      'Records OCPP 1.6-J traffic, replays it against the next CSMS build, and shows what differs.',
    )
    .version(TOOL_VERSION, '--version', 'print the version')
    .helpCommand(false)
    .showHelpAfterError(false);
  for (const name of names) {
    const command = await COMMANDS[name]?.(run);
    if (command) program.addCommand(command);
  }
  return program;
}

/** Runs one command line (without node and script) and returns the exit code; never throws for bad input. */
export async function run(argv: string[]): Promise<number> {
  followLauncher();
  let exitCode = 0;
  const [name = ''] = argv;
  const names = Object.hasOwn(COMMANDS, name) ? [name] : undefined;
  const program = await commandLine(async (action) => {
    exitCode = await action();
  }, names);
  for (const command of [program, ...program.commands]) {
    command.exitOverride().configureOutput({ writeErr: () => {} });
  }
  endWithReaders((error) => report(error, program));
  try {
    await program.parseAsync(argv, { from: 'user' });
    return exitCode;
  } catch (error) {
    return report(error, program);
  }
}

/** Prints an error raised on purpose as one line and returns its exit code; anything else is our own mistake. */
function report(error: unknown, program: Command): number {
  if (error instanceof CommanderError) return reportUsage(error, program);
  if (!(error instanceof ChargetapeError)) throw error;
  const sentence = error.message.replace(/\s*\n\s*/g, ' ').replace(/[^.?!]$/, '$&.');
  process.stderr.write(`error ${error.code}: ${sentence} ${error.hint}\n`);
  return error.exitCode;
}

function reportUsage(error: CommanderError, program: Command): number {
  if (error.exitCode === 0) return 0;
  if (error.code === 'commander.help') {
    process.stderr.write(program.helpInformation());
    return 2;
  }
  const sentence = error.message.replace(/^error: /, '');
  return report(new ChargetapeError('USAGE', sentence.charAt(0).toUpperCase() + sentence.slice(1)), program);
}

/** Under the launcher of an old Node (see main.ts), ends when the launcher is gone. */
function followLauncher(): void {
  if (process.env.CHARGETAPE_LAUNCHED === undefined || process.channel === undefined) return;
  delete process.env.CHARGETAPE_LAUNCHED;
  process.on('disconnect', () => process.kill(process.pid, 'SIGTERM'));
  process.channel?.unref();
}
