import { describeFormReceiver } from '../../test/support/receiver-contract.js';
import { loadConfig } from '../common/config/config.js';
import { DataReceiver } from './data-receiver.js';

describeFormReceiver('DataReceiver', (artifacts) => {
  const receiver = new DataReceiver(loadConfig({}), artifacts);
  return (request, response) => receiver.receive(request, response, 'jobs/a/upload');
});
