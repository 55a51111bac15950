import react from "@vitejs/plugin-react";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

// Where `npm run dev` finds the server.
const server = process.env["TSDASH_SERVER"] ?? "http://127.0.0.1:8080";
const plain = ["/historical", "/aggregates", "/latest", "/symbols", "/health", "/stream", "/user", "/operator/"];
const sockets = ["/prices", "/trades"];

export default defineConfig({
  plugins: [react()],
  // Relative: the page may be served under any path.
  base: "./",
  resolve: { alias: { "@tsdash/client": fileURLToPath(new URL("../../packages/client/src/index.ts", import.meta.url)) } },
  build: {
    target: "es2022",
    sourcemap: false,
    chunkSizeWarningLimit: 600,
    // The dashboard, and the page of those who run the server.
    rolldownOptions: { input: ["index.html", "operator.html"].map((page) => fileURLToPath(new URL(page, import.meta.url))) },
    // The licences of what is bundled ask to travel with it.
    license: { fileName: "third-party-licenses.txt" },
  },
  server: {
    proxy: Object.fromEntries([
      ...plain.map((path) => [path, { target: server }]),
      ...sockets.map((path) => [path, { target: server, ws: true }]),
    ]),
  },
  test: { name: "dashboard", environment: "jsdom" },
});
