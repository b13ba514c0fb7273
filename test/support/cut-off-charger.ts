// A charger that vanishes without a FIN: run inside a network namespace of its own (`unshare -rn`), it opens a WebSocket through a
// recorder (into the file that is named), then takes the charger's address away. Prints what the CSMS saw, and after how many seconds.
import { execSync } from 'node:child_process';
import { once } from 'node:events';
import net from 'node:net';
import { startRecorder } from './binary.ts';
import { RawPeer, rawServer } from './raw-peer.ts';
import { REQUEST, RESPONSE } from './tunnel-bench.ts';

const [, , file = 'cut-off.db'] = process.argv;
const [RECORDER, CHARGER] = ['10.9.9.1', '10.9.9.9'];
const run = (commands: string[]) => execSync(commands.map((command) => `ip ${command}`).join(' && '));
run([
  'link set lo up',
  'link add veth0 type veth peer name veth1',
  `addr add ${RECORDER}/24 dev veth0`,
  'link set veth0 up',
  'link set veth1 up',
  `neigh add ${CHARGER} lladdr 02:00:00:00:00:99 dev veth0 nud permanent`,
  `addr add ${CHARGER}/32 dev lo`,
]);
const server = await rawServer();
const recorder = await startRecorder(`ws://127.0.0.1:${server.port}`, file, {
  args: ['--keepalive', '1', '--listen', `${RECORDER}:0`],
});
const charger = new RawPeer(net.connect({ host: RECORDER, port: recorder.port, localAddress: CHARGER }));
await once(charger.socket, 'connect');
charger.send(REQUEST);
const csms = await server.accept();
await csms.receive(REQUEST.length);
csms.send(RESPONSE);
await charger.receive(RESPONSE.length);
run([`addr del ${CHARGER}/32 dev lo`]);
const cut = performance.now();
const ending = await csms.ended();
console.log(JSON.stringify({ ending, seconds: (performance.now() - cut) / 1000 }));
await recorder.stop();
process.exit();
