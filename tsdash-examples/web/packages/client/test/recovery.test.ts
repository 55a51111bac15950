import { expect, test } from "vitest";
import { binaryCodec, checksumOf, Feed, jsonCodec, type Row } from "../src/index.ts";
import { BinaryWire } from "./binary-wire.ts";
import { ScriptedWorld, type ScriptedSocket } from "./scripted-server.ts";
import { seeded } from "./seeded.ts";

interface Change {
  seq: number;
  row: Row;
}

/** The plainest server of one state channel: it keeps every change of its epoch. */
class PlainServer {
  readonly channel = "bars:1m:A";
  epoch = 1;
  seq = 0;
  readonly rows = new Map<string, Row>();
  /** How far the present session has been told; undefined while it has not subscribed. */
  told: number | undefined;
  private changes: Change[] = [];
  private handled = 0;

  put(key: string, field: string, value: number): void {
    this.rows.set(key, { ...this.rows.get(key), openTime: key, [field]: value });
    this.changes.push({ seq: ++this.seq, row: { ...this.rows.get(key)! } });
  }

  remove(key: string): void {
    if (!this.rows.delete(key)) return;
    this.changes.push({ seq: ++this.seq, row: { openTime: key, removed: true } });
  }

  restart(): void {
    this.epoch++;
    this.seq = 0;
    this.changes = [];
    this.rows.clear();
    this.newSession();
  }

  newSession(): void {
    this.told = undefined;
    this.handled = 0;
  }

  answer(socket: ScriptedSocket): void {
    for (const command of socket.commands.slice(this.handled)) {
      this.handled++;
      if (command["op"] === "checksum" && this.told !== undefined) {
        this.flush(socket);
        const crc = checksumOf(this.rows.values(), "openTime");
        socket.deliver({ type: "checksum", id: command["id"], channel: this.channel, epoch: String(this.epoch), seq: this.seq, crc });
      }
      if (command["op"] !== "subscribe") continue;
      socket.deliver({ type: "subscribed", id: command["id"], channels: command["channels"] });
      const resume = command["resume"]?.[this.channel];
      if (resume?.epoch === String(this.epoch)) {
        socket.deliver({ type: "resumed", channel: this.channel, ...resume });
        this.told = resume.seq;
        this.flush(socket);
      } else this.snapshot(socket, resume === undefined ? "SUBSCRIBED" : "RESET");
    }
  }

  snapshot(socket: ScriptedSocket, reason: string): void {
    this.told = this.seq;
    socket.snapshot(this.channel, this.seq, [...this.rows.values()], reason, String(this.epoch));
  }

  flush(socket: ScriptedSocket, lost = false): void {
    if (this.told === undefined || this.told === this.seq) return;
    const newest = new Map<string, Row>();
    const gone = new Map<string, Row>();
    for (const { seq, row } of this.changes) {
      if (seq <= this.told) continue;
      const key = String(row["openTime"]);
      newest.set(key, row);
      // A row that came back has lost the fields of the old one: the removal goes before it.
      if (row["removed"] === true) gone.set(key, row);
    }
    if (!lost) socket.delta(this.channel, this.told, this.seq, [...gone.values(), ...newest.values()]);
    this.told = this.seq;
  }
}

test.each(["json", "binary"])("ends with the state of the server, whatever is lost, cut, slow or restarted on the way (%s)", (form) => {
  const seen = { checksums: 0, gaps: 0, resets: 0, resumed: 0, slow: 0 };
  for (let seed = 1; seed <= 400; seed++) {
    const random = seeded(seed);
    const world = new ScriptedWorld();
    const server = new PlainServer();
    const copy = new Map<string, Row>();
    const wire = new BinaryWire([
      { kind: "TIME", name: "openTime" },
      { kind: "DOUBLE", name: "close" },
      { kind: "DOUBLE", name: "volume" },
    ]);
    if (form === "binary") world.encode = (messages) => wire.frame(messages);
    const codec = form === "binary" ? binaryCodec() : jsonCodec();
    const feed = new Feed("ws://s", {}, { codec, environment: world, checksumMillis: 50, backoffFirstMillis: 10, backoffMaxMillis: 50 });
    feed.subscribe("bars:1m:*", ({ kind, rows, removed }) => {
      if (kind === "snapshot") copy.clear();
      for (const row of rows) copy.set(String(row["openTime"]), row);
      for (const key of removed) copy.delete(key);
    });
    let socket: ScriptedSocket | undefined;
    const connected = () => {
      if (socket === world.socket && !socket.closed) return socket;
      socket = world.socket;
      if (socket.closed) return undefined;
      server.newSession();
      wire.newSession();
      socket.hello(100);
      return socket;
    };
    const steps: (() => void)[] = [
      () => server.put(String(Math.floor(random() * 8)), random() < 0.5 ? "close" : "volume", Math.floor(random() * 1000)),
      () => server.put(String(Math.floor(random() * 8)), "close", Math.floor(random() * 1000)),
      () => server.remove(String(Math.floor(random() * 8))),
      () => socket && server.flush(socket, random() < 0.1),
      () => socket && server.flush(socket),
      () => world.advance(Math.floor(random() * 40)),
      () => {
        if (random() < 0.2) world.socket.cut();
      },
      () => {
        if (random() < 0.1 && socket && server.told !== undefined) server.snapshot(socket, "SLOW");
      },
      () => {
        if (random() >= 0.05) return;
        server.restart();
        world.socket.cut();
      },
    ];
    for (let i = 0; i < 250; i++) {
      steps[Math.floor(random() * steps.length)]!();
      const here = connected();
      if (here) server.answer(here);
    }
    // Calm: one more change, and time to reconnect; a loss that nothing followed shows with it.
    for (let i = 0; i < 10; i++) {
      world.advance(60);
      const here = connected();
      if (!here) continue;
      server.answer(here);
      server.put("9", "close", i);
      server.flush(here);
      server.answer(here);
    }
    expect(Object.fromEntries(copy), `seed ${seed}`).toEqual(Object.fromEntries(server.rows));
    expect(feed.health.state, `seed ${seed}`).toBe("live");
    expect(feed.health, `seed ${seed}`).toMatchObject({ malformed: 0, checksumFailures: 0 });
    seen.checksums += feed.health.checksums;
    seen.gaps += feed.health.gaps;
    seen.resets += feed.health.resets;
    seen.resumed += feed.health.resumed;
    seen.slow += feed.health.slowSnapshots;
  }
  // Each way of losing and recovering was taken.
  for (const [what, count] of Object.entries(seen)) expect(count, what).toBeGreaterThan(100);
});
