export { msgpackCodec } from "./msgpack/msgpack-codec.ts";
