import { Fault } from './fault.mjs';

const maxPerPartition = 10_000;

/**
 * What idempotent producers have published, per partition: `{epoch, last}`, `last` the newest sequence number. It is forgotten when this
 * process ends; a producer then goes on from the number it says it has reached.
 */
export class Producers {
  #byPlace = new Map();
  #nextId = 1;

  /** Lets a producer in; displaces the one of the same id. Returns its state, `{id, epoch, last, owner}`. Throws the Fault that refuses it. */
  join(place, { id, epoch, sequence }, owner) {
    const known = this.#byPlace.get(place) ?? new Map();
    this.#byPlace.set(place, known);
    const state = known.get(id ?? -1) ?? { id: id ?? this.#newId(known), epoch: epoch ?? 0, last: sequence ?? 0, owner: null };
    if (epoch !== null && epoch < state.epoch) throw displaced(state.epoch);
    const before = state.owner;
    Object.assign(state, { epoch: epoch ?? state.epoch, owner });
    known.delete(state.id);
    known.set(state.id, state);
    if (known.size > maxPerPartition) known.delete(known.keys().next().value);
    before?.evict(displaced(state.epoch));
    return state;
  }

  #newId(known) {
    while (known.has(this.#nextId)) this.#nextId++;
    return this.#nextId++;
  }
}

/** Whether `count` events from number `first` on are new; false when all have been published. Throws a Fault when they do not follow. */
export function follows(state, first, count) {
  if (first === state.last + 1) return true;
  if (first + count - 1 <= state.last) return false;
  throw new Fault('com.microsoft:out-of-order-sequence', `The events begin with sequence number ${first}, but ${state.last + 1} was to come next from this producer.`);
}

const displaced = (epoch) => new Fault('com.microsoft:producer-epoch-stolen', `A producer with the same id and epoch '${epoch}' is publishing to the partition.`);
