import { existsSync } from 'node:fs';
import { basename } from 'node:path';
import { writeWhole } from './output.ts';

/** Writes a file beside what is there already, and says its name. */
export async function writeNew(name: string, text: string): Promise<string> {
  const dot = name.lastIndexOf('.');
  const file = freeName(name.slice(0, dot), name.slice(dot + 1));
  writeWhole(file, text);
  return `wrote ${file}`;
}

/** A name that no file has yet. */
export function freeName(stem: string, extension: string): string {
  for (let number = 1; ; number++) {
    const name = `${stem}${number === 1 ? '' : `-${number}`}.${extension}`;
    if (!existsSync(name)) return name;
  }
}

/** The name of a file without folder and extension. */
export function stemOf(path: string): string {
  return basename(path).replace(/\.[^.]*$/, '');
}
