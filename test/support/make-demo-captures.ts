// Makes src/cli/demo/captures.json, the chargers that the demo ships with, from whole transactions of fixtures/captures.
//   node test/support/make-demo-captures.ts
import { readFileSync, writeFileSync } from 'node:fs';

const EXCERPTS = [
  { charger: 'MicroOcpp firmware, simulated board', capture: 'microocpp-sim__ocpp-rpc', toMs: 26_200 },
  { charger: 'SAP charging station simulator', capture: 'sap-simulator__mobilityhouse', toMs: 16_100 },
  { charger: 'ocpp-go charge point', capture: 'ocpp-go-cp__mobilityhouse', toMs: 31_000 },
  { charger: 'open-ocpp quick start charge point', capture: 'open-ocpp-cp__ocpp-rpc', toMs: 34_200 },
];

interface Line {
  t: number;
  conn?: number;
  dir: 'cp->csms' | 'csms->cp';
  raw: string;
}

const root = new URL('../../', import.meta.url).pathname;
const linesOf = (name: string): string[] =>
  readFileSync(`${root}fixtures/captures/${name}`, 'utf8').split('\n').filter(Boolean);

function excerpt({ charger, capture, toMs }: (typeof EXCERPTS)[number]) {
  const lines = linesOf(`${capture}.jsonl`).map((line) => JSON.parse(line) as Line);
  const startMs = lines[0]?.t ?? 0;
  const path = /GET (\S+)/.exec(linesOf(`${capture}.wire.log`).join('\n'))?.[1];
  const frame = ({ t, dir, raw }: Line) => ({
    atMs: t - startMs,
    sender: dir === 'cp->csms' ? 'charger' : 'csms',
    text: raw,
  });
  const kept = lines.filter(({ t }) => t - startMs <= toMs);
  const connections = [...new Set(kept.map(({ conn }) => conn ?? 1))];
  return {
    charger,
    path,
    startMs,
    connections: connections.map((nth) => kept.filter(({ conn }) => (conn ?? 1) === nth).map(frame)),
  };
}

writeFileSync(`${root}src/cli/demo/captures.json`, `${JSON.stringify(EXCERPTS.map(excerpt), null, 2)}\n`);
