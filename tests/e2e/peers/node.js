// What an app in node does: usage: node node.js PORT, with the frames of
// the learning on standard input as JSON {frame, label}; answers as JSON.
'use strict';

const rpc = require('msgpack-rpc-lite');

async function main(port, { frame, label }) {
  const client = rpc.createClient(port, '127.0.0.1', 10000);
  const bytes = Buffer.from(frame);
  const said = {};

  [said.ping] = await client.request('ping');
  [said.learned] = await client.request('learn', 'm', bytes, label);
  await client.notify('learn', 'm', bytes, label);
  [said.predicted] = await client.request('predict', 'm', bytes,
    { fresh: true });
  said.error = await client.request('predict', 'nope', bytes).catch((e) => e);
  // Many at once: matched by msgid, whatever their order.
  said.pings = (await Promise.all(
    Array.from({ length: 200 }, () => client.request('ping')),
  )).map(([answer]) => answer);
  client.close();
  return said;
}

const input = JSON.parse(require('fs').readFileSync(0, 'utf8'));
main(Number(process.argv[2]), input)
  .then((said) => console.log(JSON.stringify(said)))
  .catch((e) => {
    console.error(e);
    process.exit(1);
  });
