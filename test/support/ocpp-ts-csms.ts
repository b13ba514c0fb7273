// A CSMS on ocpp-ts's OcppServer with thin handlers: node test/support/ocpp-ts-csms.ts prints {"port": N}. Ends by a signal.
import net from 'node:net';
import { OcppServer } from 'ocpp-ts';
import { baseBehaviour } from './csms-behaviour.ts';

/** A charger as ocpp-ts emits it: its calls are events, and it can be called. */
interface Station {
  on(
    action: string,
    listener: (payload: Record<string, unknown>, answer: (result: object) => void) => void,
  ): void;
  callRequest(action: string, payload: object): Promise<unknown>;
}

const ACTIONS = [
  'Authorize',
  'BootNotification',
  'DataTransfer',
  'DiagnosticsStatusNotification',
  'FirmwareStatusNotification',
  'Heartbeat',
  'MeterValues',
  'StartTransaction',
  'StatusNotification',
  'StopTransaction',
];

// ocpp-ts listens on all addresses and keeps its server to itself: this is the only way to a port that it did not choose.
const listen = net.Server.prototype.listen as (...args: unknown[]) => net.Server;
net.Server.prototype.listen = function listenOnLoopback(this: net.Server) {
  return listen.call(this, 0, '127.0.0.1', () => {
    console.log(JSON.stringify({ port: (this.address() as net.AddressInfo).port }));
  });
};

console.error = () => {};
const behaviour = baseBehaviour();
const server = new OcppServer();
server.on('connection', (client) => {
  const station = client as unknown as Station;
  station.on('error', () => {});
  for (const action of ACTIONS) {
    station.on(action, (payload, answer) => {
      const call = { action, payload, identity: '', connection: 1 };
      const said = behaviour.answer(call);
      answer(said !== 'silence' && 'result' in said ? said.result : {});
      void command(station, behaviour.reactions(call, said));
    });
  }
});
server.listen();

/** Sends them once the answer, which ocpp-ts sends in a turn of its own, is out. */
async function command(
  station: Station,
  commands: readonly { action: string; payload: object }[],
): Promise<void> {
  for (const { action, payload } of commands) {
    await new Promise(setImmediate);
    await station.callRequest(action, payload).catch(() => undefined);
  }
}
