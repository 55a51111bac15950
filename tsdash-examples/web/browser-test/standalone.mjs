/**
 * Runs the browser test against the stand-in server, behind a proxy that can be cut: for work on the page without Java.
 *
 *     npm run build && npm run browser-test [SCREENSHOT_DIR]
 */
import { spawn } from "node:child_process";
import { connect, createServer } from "node:net";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { startFakeServer } from "./fake-server.mjs";

const server = await startFakeServer();
const open = new Set();
const proxy = createServer((inward) => {
  const outward = connect(server.port, "127.0.0.1");
  for (const socket of [inward, outward]) {
    open.add(socket);
    socket.on("error", () => {});
    socket.on("close", () => {
      open.delete(socket);
      inward.destroy();
      outward.destroy();
    });
  }
  inward.pipe(outward).pipe(inward);
});
const listen = (port) => new Promise((resolve) => proxy.listen(port, "127.0.0.1", resolve));
await listen(0);
const { port } = proxy.address();

const acts = {
  async cut() {
    const closed = new Promise((resolve) => proxy.close(resolve));
    for (const socket of open) socket.destroy();
    await closed;
  },
  restore: () => listen(port),
};

const test = spawn(
  process.execPath,
  [fileURLToPath(new URL("run.mjs", import.meta.url)), `http://127.0.0.1:${port}/?form=json`, process.argv[2] ?? "node_modules/.screenshots"],
  { stdio: ["pipe", "pipe", "inherit"] },
);
test.on("exit", (code) => {
  server.close();
  for (const socket of open) socket.destroy();
  proxy.close();
  process.exitCode = code ?? 1;
});
for await (const line of createInterface({ input: test.stdout })) {
  console.log(line);
  const { need } = JSON.parse(line);
  if (need === undefined) continue;
  await acts[need]();
  test.stdin.write("done\n");
}
