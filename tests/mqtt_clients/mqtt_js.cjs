// MQTT.js, on Node. Its package is looked up from the working directory.
const { createRequire } = require("node:module");
const mqtt = createRequire(process.cwd() + "/")("mqtt");

const [host, port, version, device, token] = process.argv.slice(2);

function begin(password) {
  return mqtt.connect({
    host, port: Number(port), username: device, password, clientId: "mqtt-js",
    protocolVersion: version === "5" ? 5 : 4, reconnectPeriod: 0,
  });
}

function heard(client, event) {
  return new Promise((resolve) => client.once(event, resolve));
}

function publish(client, topic, qos, number) {
  const payload = JSON.stringify({ values: { "mqtt-js": number } });
  return new Promise((resolve) => client.publish(topic, payload, { qos }, (error) => resolve(error ? error.code || "failed" : 0)));
}

async function main() {
  const turnedAway = begin("0".repeat(32));
  const refused = await heard(turnedAway, "error");
  turnedAway.end(true);

  const client = begin(token);
  client.on("error", () => {});
  await heard(client, "connect");
  const published = [];
  for (const qos of [0, 1, 2]) {
    if ((await publish(client, `devices/${device}/telemetry`, qos, qos)) === 0) published.push(qos);
  }
  // a burst, of which it keeps as many under way as there are
  const burst = await Promise.all([...Array(900).keys()].map((n) => publish(client, `devices/${device}/telemetry`, 1 + (n % 2), n)));
  const subscribed = await new Promise((resolve) =>
    client.subscribe([`devices/${device}/commands/#`, "#"], { qos: 1 }, (_error, _granted, packet) => resolve(packet.granted)));
  const closed = heard(client, "close").then(() => "closed");
  const foreign = await Promise.race([closed, publish(client, "devices/another/telemetry", 1, 9)]);
  await client.endAsync(true);
  console.log(JSON.stringify({
    wrong_token: refused.code, published, subscribed, foreign: foreign === "failed" ? "closed" : foreign,
    burst: burst.every((answer) => answer === 0),
  }));
}

main();
