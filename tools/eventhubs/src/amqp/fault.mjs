/** What a peer is told when something cannot be done: an AMQP error condition and a text whose words clients match. */
export class Fault extends Error {
  constructor(condition, description) {
    super(description);
    this.condition = condition;
  }

  get error() { return { condition: this.condition, description: this.message }; }
}

export const notFound = (path) => new Fault('amqp:not-found', `The messaging entity 'sb://localhost/${path}' could not be found.`);
export const unauthorized = (claim, path) => new Fault('amqp:unauthorized-access', `Unauthorized access. '${claim}' claim(s) are required to perform this operation. Resource: 'sb://localhost/${path}'.`);
export const expired = (path) => new Fault('amqp:unauthorized-access', `ExpiredToken: The token for 'sb://localhost/${path}' is expired.`);
export const badPartition = (text, count) =>
  new Fault('com.microsoft:argument-out-of-range', `The specified partition is invalid for an EventHub partition sender or receiver. It should be between 0 and ${count - 1}; got '${text}'.`);
export const badOffset = (offset, last) => new Fault('com.microsoft:argument-error', `The supplied offset '${offset}' is invalid. The last offset in the system is '${last}'`);
export const badSequence = (number, last) => new Fault('com.microsoft:argument-error', `The supplied sequence number '${number}' is invalid. The last sequence number in the system is '${last}'`);
export const badFilter = (text) => new Fault('amqp:invalid-field', `The filter '${text}' is not one that positions a receiver.`);
export const stolen = (by, epoch, loser, loserEpoch) => new Fault('amqp:link:stolen',
  `New receiver '${by}' with higher epoch of '${epoch}' is created hence current receiver '${loser}' with epoch '${loserEpoch}' is getting disconnected.`);
export const lowerEpoch = (epoch, existing) => new Fault('amqp:link:stolen', `Receiver with epoch '${epoch}' cannot be created: a receiver with a higher epoch of '${existing}' exists.`);
export const noEpoch = (existing) => new Fault('amqp:link:stolen', `A non-epoch receiver is not allowed since an epoch receiver with epoch '${existing}' exists.`);
export const tooManyReceivers = (most) => new Fault('amqp:resource-limit-exceeded', `Exceeded the maximum number of allowed receivers per partition in a consumer group which is ${most}`);
export const tooLarge = (bytes, most) => new Fault('amqp:link:message-size-exceeded', `The received message (size:${bytes} bytes) exceeds the limit (${most} bytes) currently allowed on the link.`);
export const tooManyLinks = (most) => new Fault('amqp:resource-limit-exceeded', `A connection may have at most ${most} links.`);
export const internal = (message) => new Fault('amqp:internal-error', `The operation failed: ${message}`);
