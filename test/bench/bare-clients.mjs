// As many ws clients as asked for, each of which calls as soon as it is answered: node bare-clients.mjs URL CLIENTS CALLS
import { WebSocket } from 'ws';

const [url, clients, calls] = process.argv.slice(2);
const payload =
  '{"connectorId":1,"meterValue":[{"timestamp":"2026-01-01T00:00:00Z","sampledValue":[{"value":"1234"}]}]}';
let open = Number(clients);
let answered = 0;
let began = 0;
for (let client = 0; client < Number(clients); client++) {
  const socket = new WebSocket(`${url}/CP${client}`, 'ocpp1.6', { perMessageDeflate: false });
  let made = 0;
  const call = () => socket.send(`[2,"${made++}","MeterValues",${payload}]`);
  socket.on('open', call);
  socket.on('message', () => {
    began ||= performance.now();
    answered++;
    if (made < Number(calls)) call();
    else socket.close();
  });
  socket.on('close', () => {
    if (--open > 0) return;
    const callsPerSecond = (answered * 1000) / (performance.now() - began);
    console.log(JSON.stringify({ answered, callsPerSecond }));
  });
}
