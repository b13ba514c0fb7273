// Preloaded into a recorder (NODE_OPTIONS=--import): each commit begins 15 ms late, as on a slow disk. A recorder that
// acknowledges before it commits then loses what it has forwarded when it is killed.
import Database from 'better-sqlite3';

const { exec } = Database.prototype;
const clock = new Int32Array(new SharedArrayBuffer(4));

Database.prototype.exec = function slowly(sql) {
  if (sql === 'COMMIT') Atomics.wait(clock, 0, 0, 15);
  return exec.call(this, sql);
};
