// The Firestore emulator of the package, on loopback alone, with what it lacks and the tests need:
// transactions that are refused (ABORTED) where a document that they had read has changed, and BatchWrite.
// Usage: node serve.cjs <folder with node_modules> <port>
const { createRequire } = require("node:module");
const { randomBytes } = require("node:crypto");
const [folder, port] = process.argv.slice(2);
const inside = createRequire(`${folder}/package.json`);
const grpc = inside("@grpc/grpc-js");
const { FirestoreServer } = inside("@firestore-emulator/server");
const proto = inside("@firestore-emulator/proto/dist/google/firestore/v1/firestore");

const emulator = new FirestoreServer();
const { state, server } = emulator;
const definition = proto.UnimplementedFirestoreService.definition;

const versions = new Map();
for (const event of ["create-document", "update-document", "delete-document"]) {
  state.emitter.on(event, ({ document }) => versions.set(document.getPath(), (versions.get(document.getPath()) ?? 0) + 1));
}
const version = (path) => versions.get(path) ?? 0;
const transactions = new Map();
const key = (id) => Buffer.from(id ?? []).toString("hex");

function replace(name, type, make) {
  const { path, requestDeserialize, responseSerialize } = definition[name];
  const original = server.handlers.get(path)?.func;
  server.unregister(path);
  server.register(path, make(original), responseSerialize, requestDeserialize, type);
}

replace("BeginTransaction", "unary", () => (call, answer) => {
  const transaction = randomBytes(12);
  transactions.set(key(transaction), new Map());
  answer(null, proto.BeginTransactionResponse.fromObject({ transaction }));
});

replace("BatchGetDocuments", "serverStream", (original) => (call) => {
  const reads = transactions.get(key(call.request.transaction));
  if (reads) for (const path of call.request.documents) reads.set(path, version(path));
  original(call);
});

replace("RunQuery", "serverStream", (original) => (call) => {
  const reads = transactions.get(key(call.request.transaction));
  if (reads) {
    for (const found of state.v1Query(call.request.parent, call.request.structured_query)) {
      reads.set(found.getPath(), version(found.getPath()));
    }
  }
  original(call);
});

replace("Commit", "unary", (original) => (call, answer) => {
  const id = key(call.request.transaction);
  const reads = transactions.get(id) ?? new Map();
  transactions.delete(id);
  for (const [path, seen] of reads) {
    if (version(path) !== seen) {
      answer({ code: grpc.status.ABORTED, message: "Too much contention on these documents. Please try again." }, null);
      return;
    }
  }
  original(call, answer);
});

replace("BatchWrite", "unary", () => (call, answer) => {
  const write_results = [];
  const status = [];
  for (const write of call.request.writes) {
    try {
      write_results.push(state.writeV1Document(new Date(), write).toObject());
      status.push({ code: 0 });
    } catch (error) {
      write_results.push({});
      status.push({ code: error.code ?? grpc.status.UNKNOWN, message: error.message });
    }
  }
  answer(null, proto.BatchWriteResponse.fromObject({ write_results, status }));
});

server.bindAsync(`127.0.0.1:${port}`, grpc.ServerCredentials.createInsecure(), (error) => {
  if (error) throw error;
  console.log(`listens on ${port}`);
});
