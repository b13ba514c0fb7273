// A CSMS that accepts RATE connections a second and refuses the others with 503 and a time to come back, LEAST to MOST s; its port on the first
// line, and on the last, which any input asks for, what it saw. node throttled-csms.mjs RATE [LEAST 5] [MOST 25]
import { createServer } from 'node:http';
import { createInterface } from 'node:readline';
import { WebSocketServer } from 'ws';

const [rate, least = 5, most = 25] = process.argv.slice(2).map(Number);
const seen = { accepted: 0, refused: 0, mostInASecond: 0, calls: 0 };
let [second, inSecond, transactions] = [0, 0, 0];

const sockets = new WebSocketServer({ noServer: true, perMessageDeflate: false });
const server = createServer();
server.on('upgrade', (request, socket, head) => {
  const now = Math.floor(performance.now() / 1000);
  if (now !== second) [second, inSecond] = [now, 0];
  if (inSecond >= rate) {
    seen.refused++;
    const retryAfter = Math.round(least + Math.random() * (most - least));
    socket.end(`HTTP/1.1 503 Service Unavailable\r\nRetry-After: ${retryAfter}\r\nContent-Length: 0\r\n\r\n`);
    return;
  }
  inSecond++;
  seen.accepted++;
  seen.mostInASecond = Math.max(seen.mostInASecond, inSecond);
  sockets.handleUpgrade(request, socket, head, (charger) => {
    charger.on('message', (data) => {
      const [type, id, action] = JSON.parse(String(data));
      if (type !== 2) return;
      seen.calls++;
      charger.send(JSON.stringify([3, id, answerTo(action)]));
    });
    charger.on('error', () => {});
  });
});

function answerTo(action) {
  const idTagInfo = { status: 'Accepted' };
  const currentTime = new Date().toISOString();
  switch (action) {
    case 'BootNotification':
      return { status: 'Accepted', currentTime, interval: 30 };
    case 'Heartbeat':
      return { currentTime };
    case 'Authorize':
      return { idTagInfo };
    case 'StartTransaction':
      return { idTagInfo, transactionId: ++transactions };
    case 'StopTransaction':
      return { idTagInfo };
    default:
      return {};
  }
}

server.listen(0, '127.0.0.1', () => console.log(JSON.stringify({ port: server.address().port })));
createInterface({ input: process.stdin }).once('line', () => {
  console.log(JSON.stringify(seen));
  process.exit();
});
