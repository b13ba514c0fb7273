import { dirname, resolve } from 'node:path';
import type { Command } from 'commander';
import { ChargetapeError } from '../errors.ts';
import { csvRows } from '../replay/pairs-file.ts';
import { type ClientCredentials, type ClientTls, clientTls } from '../wire/tls-socket.ts';
import { readPem, readText } from './input.ts';

/** The flags of `replay` about TLS towards the target. */
export interface TargetTlsOptions {
  targetCa?: string;
  targetCert?: string;
  targetKey?: string;
  clientCertificates?: string;
  targetInsecure?: true;
}

/** Adds those flags. */
export function withTargetTlsOptions(command: Command): Command {
  return command
    .option('--target-ca <file>', 'PEM authorities of a wss:// target, instead of the usual roots')
    .option('--target-cert <file>', 'PEM client certificate of every charger')
    .option('--target-key <file>', 'PEM key of --target-cert')
    .option(
      '--client-certificates <file>',
      'client certificates: CSV identity,cert,key (PEM files beside it); * is any other charger',
    )
    .option('--target-insecure', 'take any certificate of the target: for test systems only');
}

/** Says aloud that the target's certificate is not checked. */
export function warnOfInsecure({ targetInsecure }: TargetTlsOptions): void {
  if (!targetInsecure) return;
  process.stderr.write(
    'warning: --target-insecure takes ANY certificate: whoever answers gets the passwords\n',
  );
}

/** The files of one client certificate. */
interface CertificateFiles {
  cert: string;
  key: string;
}

/** TLS of each live identity towards the target, of PEM files. USAGE, NO_SUCH_FILE, BAD_LIST, BAD_CERTIFICATE. */
export function targetTlsOf(options: TargetTlsOptions): (identity: string) => ClientTls {
  const { targetCa, targetInsecure: insecure = false } = options;
  const ca: ClientCredentials = targetCa === undefined ? {} : { ca: readPem(targetCa) };
  const common = made(ca, commonFiles(options), { insecure });
  const own = new Map<string, ClientTls>();
  for (const [identity, files] of ownFiles(options)) own.set(identity, made(ca, files, { insecure }));
  return (identity) => own.get(identity) ?? own.get('*') ?? common;
}

function commonFiles({ targetCert, targetKey }: TargetTlsOptions): CertificateFiles | null {
  if ((targetCert === undefined) !== (targetKey === undefined))
    throw new ChargetapeError('USAGE', '--target-cert and --target-key go together.');
  return targetCert === undefined || targetKey === undefined ? null : { cert: targetCert, key: targetKey };
}

/** The files of a list, whose paths are relative to the list's own. */
function ownFiles({ clientCertificates: file }: TargetTlsOptions): [string, CertificateFiles][] {
  if (file === undefined) return [];
  const rows = csvRows(readText(file), file).map(({ cells, line }): [string, CertificateFiles] => {
    const [identity, cert, key] = cells;
    if (cells.length !== 3 || !identity || !cert || !key)
      throw new ChargetapeError('BAD_LIST', `Line ${line} of ${file} has not identity, certificate and key.`);
    const beside = (path: string) => resolve(dirname(file), path);
    return [identity, { cert: beside(cert), key: beside(key) }];
  });
  return rows[0]?.[0].toLowerCase() === 'identity' ? rows.slice(1) : rows;
}

function made(ca: ClientCredentials, files: CertificateFiles | null, how: { insecure: boolean }): ClientTls {
  const pem = files && { cert: readPem(files.cert), key: readPem(files.key) };
  try {
    return clientTls({ ...ca, ...pem }, how);
  } catch (cause) {
    const what = cause instanceof Error ? cause.message : String(cause);
    const which = files ? `${files.cert} and ${files.key}` : 'the authorities';
    throw new ChargetapeError('BAD_CERTIFICATE', `No TLS can be made of ${which}: ${what}.`, { cause });
  }
}
