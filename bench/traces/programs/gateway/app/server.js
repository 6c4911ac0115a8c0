'use strict';

const { createApp } = require('./src/app');
const { recordedRequests } = require('./src/replay');

async function main() {
  const app = await createApp('./config.json');
  for (const request of recordedRequests()) {
    const response = await app.serve(request);
    console.log(`${request.method} ${request.url} ${response.status} ${response.body}`);
  }
  console.log(app.statistics());
}

main();
