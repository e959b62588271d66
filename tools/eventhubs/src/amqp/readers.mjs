import { lowerEpoch, noEpoch, stolen, tooManyReceivers } from './fault.mjs';

const maxWithoutEpoch = 5;

/**
 * Who reads which partition through which consumer group. A reader is `{name, epoch, evict(fault)}`, `epoch` null for one without. A reader
 * with an epoch is alone: it displaces those with the same or a lower one and those without, and is refused below a higher one.
 */
export class Readers {
  #byPlace = new Map();

  /** Lets the reader in, displacing others where the rules say so. Throws the Fault that refuses it. */
  admit(place, reader) {
    const present = this.#byPlace.get(place) ?? new Set();
    const highest = Math.max(-1, ...[...present].map(({ epoch }) => epoch ?? -1));
    if (reader.epoch === null) {
      if (highest >= 0) throw noEpoch(highest);
      if (present.size >= maxWithoutEpoch) throw tooManyReceivers(maxWithoutEpoch);
    } else {
      if (highest > reader.epoch) throw lowerEpoch(reader.epoch, highest);
      for (const other of [...present]) {
        present.delete(other);
        other.evict(stolen(reader.name, reader.epoch, other.name, other.epoch ?? '-1'));
      }
    }
    present.add(reader);
    this.#byPlace.set(place, present);
  }

  leave(place, reader) {
    const present = this.#byPlace.get(place);
    if (present?.delete(reader) && present.size === 0) this.#byPlace.delete(place);
  }
}
