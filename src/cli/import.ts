import { Command } from 'commander';
import { importCaptures } from '../store/capture-import.ts';
import { counted, jsonLine, printLine } from './output.ts';
import type { Run } from './run.ts';
import { TOOL_VERSION } from './version.ts';

interface ImportOptions {
  out: string;
  json?: true;
}

/** `chargetape import`: captures of other tools as a recording. */
export function importCommand(run: Run): Command {
  return new Command('import')
    .description('make a recording of captures (NAME.jsonl with NAME.wire.log)')
    .argument('<files...>', 'captures; of each pair either file names both')
    .requiredOption('--out <file>', 'the new recording; never overwritten')
    .option('--json', 'print what was imported as JSON')
    .action((files: string[], options: ImportOptions) =>
      run(async () => {
        const imported = await importCaptures(files, options.out, { toolVersion: TOOL_VERSION });
        await printLine(
          options.json
            ? jsonLine({ out: options.out, ...imported })
            : `${options.out}: ${counted(imported.sessions, 'session')}, ${counted(imported.connections, 'connection')}, ${counted(imported.frames, 'frame')}; order inferred from the captures' clocks`,
        );
        return 0;
      }),
    );
}
