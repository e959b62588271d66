// Starts Azurite in this process and stops it so that it saves what it acknowledged.
//
//   node run.mjs --location DIR --blob-port N --queue-port N --table-port N
//
// stdout: one line, `ready`, once all three ports accept. Everything else goes to stderr.
// Stops on SIGTERM, SIGINT and SIGHUP (a terminal that closes), and when stdin ends, which it does when whoever started us dies: keep the pipe open.
// Exit codes: 0 stopped and saved, 1 could not start or could not stop, 2 wrong arguments.
import { createRequire } from "node:module";
import net from "node:net";
import { parseArgs } from "node:util";

const startSeconds = 60;
const stopSeconds = 30;

function readArguments() {
  try {
    const { values } = parseArgs({
      options: {
        location: { type: "string" },
        "blob-port": { type: "string" },
        "queue-port": { type: "string" },
        "table-port": { type: "string" },
      },
    });
    const ports = ["blob-port", "queue-port", "table-port"].map((name) => Number(values[name]));
    if (!values.location || ports.some((port) => !Number.isInteger(port) || port < 1 || port > 65535)) {
      throw new Error("--location, --blob-port, --queue-port and --table-port are needed");
    }
    return { location: values.location, ports };
  } catch (error) {
    process.stderr.write(`azurite: ${error.message}\n`);
    process.exit(2);
  }
}

function fail(message) {
  process.stderr.write(`azurite: ${message}\n`);
  process.exit(1);
}

// A listener of our own for a moment: a port that is taken is told by its number, before anything is started.
function checkFree(port) {
  return new Promise((resolve) => {
    const server = net.createServer();
    server.once("error", (error) => fail(`port ${port} cannot be used: ${error.code}`));
    server.listen(port, "127.0.0.1", () => server.close(resolve));
  });
}

function accepts(port) {
  return new Promise((resolve) => {
    const socket = net.connect(port, "127.0.0.1");
    socket.once("connect", () => resolve(socket.destroy() && true));
    socket.once("error", () => resolve(false));
  });
}

const { location, ports } = readArguments();
let stopAzurite;
let stopping = false;
let wanted = false;

function stop() {
  wanted = true;
  if (stopAzurite && !stopping) {
    stopping = true;
    setTimeout(() => fail(`did not stop within ${stopSeconds} s`), stopSeconds * 1000).unref();
    stopAzurite();
  }
}

// Whoever reads our lines may be dead: that must not end us before everything is saved.
process.stderr.on("error", () => {});
process.on("SIGTERM", stop).on("SIGINT", stop).on("SIGHUP", stop);
process.stdin.on("end", stop).on("close", stop).on("error", stop).resume();

// Azurite tells on console.log when each of its three services has saved and closed.
let closed = 0;
console.log = (text) => {
  process.stderr.write(`${text}\n`);
  if (String(text).endsWith("successfully closed") && ++closed === ports.length) {
    process.exit(0);
  }
};

for (const port of ports) {
  await checkFree(port);
}

const [blob, queue, table] = ports.map(String);
process.argv = [
  process.argv[0], "azurite", "--silent", "--disableTelemetry", "--skipApiVersionCheck", "--location", location,
  "--blobPort", blob, "--queuePort", queue, "--tablePort", table,
];
createRequire(import.meta.url)("azurite/dist/src/azurite.js");

const deadline = Date.now() + startSeconds * 1000;
while (process.listenerCount("SIGTERM") < 2 || !(await Promise.all(ports.map(accepts))).every(Boolean)) {
  if (Date.now() > deadline) {
    fail(`did not start within ${startSeconds} s`);
  }
  await new Promise((resolve) => setTimeout(resolve, 50));
}

// Azurite's own signal handlers act on every signal; ours act once.
stopAzurite = process.listeners("SIGTERM").find((listener) => listener !== stop);
for (const signal of ["SIGTERM", "SIGINT"]) {
  process.listeners(signal).filter((listener) => listener !== stop).forEach((listener) => process.off(signal, listener));
}
process.stdout.on("error", stop);
process.stdout.write("ready\n");
if (wanted) {
  stop();
}
