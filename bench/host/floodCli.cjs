// Stands for a Dev Containers CLI whose build prints a great many lines.
const lines = Number(process.env.SHIPSHAPE_BENCH_LINES ?? 100_000);
const { writeSync } = require('node:fs');
let batch = '';
for (let n = 1; n <= lines; n++) {
  batch += `${JSON.stringify({ type: 'text', level: 3, timestamp: Date.now(), text: `flood line ${n} of the build` })}\n`;
  if (batch.length < 16_384 && n < lines) continue;
  for (let at = 0; at < batch.length;) at += writeSync(2, batch.slice(at));
  batch = '';
}
writeSync(1, `${JSON.stringify({ outcome: 'error', message: 'the flood is over', description: 'bench' })}\n`);
process.exitCode = 1;
