import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "vite";
import { beforeAll, describe, expect, test } from "vitest";

/** The package as it would be published, beside what uses it. */
const web = fileURLToPath(new URL("../../../", import.meta.url));
const work = join(web, "node_modules", ".package-test");
const installed = join(work, "node_modules", "@tsdash", "client");
const node = (...words: string[]) => {
  try {
    return execFileSync(process.execPath, words, { cwd: work, encoding: "utf8", timeout: 60_000 });
  } catch (failure) {
    throw new Error((failure as { stdout: string }).stdout, { cause: failure });
  }
};
const tsc = (...words: string[]) => node(join(web, "node_modules", "typescript", "bin", "tsc"), ...words);

beforeAll(() => {
  rmSync(work, { recursive: true, force: true });
  mkdirSync(installed, { recursive: true });
  writeFileSync(join(installed, "package.json"), readFileSync(join(web, "packages", "client", "package.json")));
  tsc("-p", join(web, "packages", "client", "tsconfig.build.json"), "--outDir", join(installed, "dist"));
}, 60_000);

/** What a page would load that uses these names of these modules. */
async function bundle(name: string, imports: Record<string, string>): Promise<string> {
  const entry = join(work, `${name}.js`);
  const lines = Object.entries(imports).map(([names, module]) => `import { ${names} } from "${module}";`);
  writeFileSync(entry, `${lines.join("\n")}\nglobalThis.used = [${Object.keys(imports).join(", ")}];`);
  const result = await build({
    root: work,
    configFile: false,
    logLevel: "error",
    build: { write: false, target: "es2022", modulePreload: false, rolldownOptions: { input: entry } },
  });
  const [output] = [result].flat() as { output: { type: string; code?: string }[] }[];
  return output!.output.map(({ code }) => code ?? "").join("");
}

describe("a bundle holds what is imported and no more", () => {
  // Words of errors are kept when names are made short.
  const BINARY = "was a difference, but the client has no value";
  const MSGPACK = "begins none";
  const PROTOBUF = "wire type of a field was";
  const FORMS = [BINARY, MSGPACK, PROTOBUF];

  test.each([
    ["REST alone", { Rest: "@tsdash/client" }, [], 3000],
    ["a feed of JSON", { Feed: "@tsdash/client" }, [], 18_000],
    ["a feed of the compact form", { "Feed, binaryCodec": "@tsdash/client" }, [BINARY], 28_000],
    ["MessagePack", { Feed: "@tsdash/client", msgpackCodec: "@tsdash/client/msgpack" }, [MSGPACK], 22_500],
    ["Protobuf", { Feed: "@tsdash/client", protobufCodec: "@tsdash/client/protobuf" }, [PROTOBUF], 24_500],
  ])("%s", async (name, imports, forms, bytesMax) => {
    const code = await bundle(name.replaceAll(" ", "-"), imports as Record<string, string>);
    expect(FORMS.filter((words) => code.includes(words))).toEqual(forms);
    expect(code.includes("no sign of life")).toBe(name !== "REST alone");
    expect(code.length).toBeLessThan(bytesMax);
    console.log(`${name}: ${code.length} bytes, ${gzipSync(code).length} gzipped`);
  });
});

describe("the package", () => {
  test("runs in Node as it is published, and says what is missing where there is no WebSocket", () => {
    const script = join(work, "run.mjs");
    writeFileSync(
      script,
      `import { Feed, Rest, binaryCodec } from "@tsdash/client";
       import { msgpackCodec } from "@tsdash/client/msgpack";
       import { protobufCodec } from "@tsdash/client/protobuf";
       delete globalThis.WebSocket;
       const said = [binaryCodec(), msgpackCodec(), protobufCodec()].map(({ subprotocol }) => subprotocol);
       try { new Feed("ws://127.0.0.1:1/"); } catch (failure) { said.push(failure.message); }
       await new Rest("http://127.0.0.1:1").symbols().catch((failure) => said.push(failure.name));
       console.log(said.join("\\n"));`,
    );
    expect(node(script).trim().split("\n")).toEqual([
      "tsdash.v1.binary",
      "tsdash.v1.msgpack",
      "tsdash.v1.protobuf",
      expect.stringContaining("option webSocket"),
      "RequestFailed",
    ]);
  });

  test("has a README whose examples compile against its types, without types of Node", () => {
    const readme = readFileSync(join(web, "packages", "client", "README.md"), "utf8");
    const examples = [...readme.matchAll(/```ts\n(.*?)```/gs)].map(([, code]) => code!);
    expect(examples.length).toBeGreaterThanOrEqual(4);
    const files = examples.map((code, n) => {
      const file = join(work, `example-${n}.ts`);
      writeFileSync(file, code);
      return file;
    });
    const lib = ["--lib", "ES2023,DOM,DOM.Iterable", "--types", ""];
    tsc(...files, "--ignoreConfig", "--noEmit", "--strict", "--target", "ES2022", "--module", "ESNext", "--moduleResolution", "bundler", ...lib);
  }, 60_000);
});
