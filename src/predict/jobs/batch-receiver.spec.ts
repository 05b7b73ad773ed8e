import { describeFormReceiver } from '../../../test/support/receiver-contract.js';
import { loadConfig } from '../../common/config/config.js';
import { BatchReceiver } from './batch-receiver.js';

describeFormReceiver('BatchReceiver', (artifacts) => {
  const receiver = new BatchReceiver(artifacts, loadConfig({}));
  return (request, response) => receiver.receive(request, response, 'jobs/a/input');
});
