// ONNX Runtime's part of bench_compare, which starts this script and tells it by lines what to do. It works only while
// it is told to, and answers each line with one line.
//
//     node compare_onnxruntime.js NODE_MODULES MODEL THREADS INPUT
//
//     create K    K times InferenceSession.create, in microseconds; the last session stays
//     run K       one run that is not counted, then K, in microseconds
//     save FILE   writes the outputs of the last run, one after the other, as raw float32; answers with their shapes
//
// An error is answered with "error" and its message.

const fs = require('node:fs');
const path = require('node:path');
const readline = require('node:readline');

const [nodeModules, model, threads, inputFile] = process.argv.slice(2);
const runtime = require(path.resolve(nodeModules, 'onnxruntime-node'));

const options = {
  executionProviders: ['cpu'],
  intraOpNumThreads: Number(threads),
  interOpNumThreads: 1,
  executionMode: 'sequential',
  graphOptimizationLevel: 'all',
  logSeverityLevel: 3,
};

let session;
let feeds;
let outputs = {}; // of the run before: the next one writes into them, as ours does

async function microsecondsOf(call) {
  const started = process.hrtime.bigint();
  await call();
  return Number(process.hrtime.bigint() - started) / 1e3;
}

function floats(file, shape) {
  const bytes = fs.readFileSync(file);
  const elements = new Float32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4);
  return new runtime.Tensor('float32', Float32Array.from(elements), shape);
}

async function create(count) {
  const times = [];
  for (let i = 0; i < count; ++i) {
    await session?.release();
    session = undefined;
    times.push(await microsecondsOf(async () => { session = await runtime.InferenceSession.create(model, options); }));
  }
  feeds = { [session.inputNames[0]]: floats(inputFile, session.inputMetadata[0].shape) };
  outputs = await session.run(feeds);
  return times.join(' ');
}

async function run(count) {
  await session.run(feeds, outputs);
  const times = [];
  for (let i = 0; i < count; ++i)
    times.push(await microsecondsOf(() => session.run(feeds, outputs)));
  return times.join(' ');
}

function save(file) {
  const tensors = session.outputNames.map((name) => outputs[name]);
  fs.writeFileSync(file, Buffer.concat(tensors.map(({ data }) => Buffer.from(data.buffer, data.byteOffset, data.byteLength))));
  return tensors.map(({ dims }) => dims.join('x')).join(' ');
}

async function answer(line) {
  const [command, argument] = line.split(/ (.*)/);
  switch (command) {
    case 'create': return create(Number(argument));
    case 'run': return run(Number(argument));
    case 'save': return save(argument);
    default: throw new Error(`there is no command '${command}'`);
  }
}

async function main() {
  for await (const line of readline.createInterface({ input: process.stdin })) {
    try {
      console.log(await answer(line));
    } catch (error) {
      console.log(`error ${error.message.replaceAll('\n', ' ')}`);
    }
  }
}

main();
