// A server that is a child of this process and never outlives it.
import { spawn } from "node:child_process";

export function start(program, args, options) {
  const server = spawn(program, args, { ...options, stdio: "ignore" });
  process.on("exit", () => server.exitCode === null && server.kill("SIGINT"));
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
    process.on(signal, () => process.exit(1));
  }
  return server;
}
