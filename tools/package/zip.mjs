// A zip archive that depends on names, contents and modes alone: entries in ordinal order, one fixed time, "made by Unix".
import { deflateRawSync, crc32 } from 'node:zlib';

const fixedDate = 0x0021; // 1980-01-01
const unix = 3 << 8;
const regularFile = 0o100000;

/** @param {{name: string, data: Buffer, mode: number}[]} files names with forward slashes */
export function zip(files) {
  const parts = [];
  const directory = [];
  let offset = 0;
  const push = (...buffers) => {
    for (const buffer of buffers) {
      parts.push(buffer);
      offset += buffer.length;
    }
  };

  const ordered = [...files].sort((a, b) => (a.name < b.name ? -1 : 1));
  for (const { name, data, mode } of ordered) {
    const nameBytes = Buffer.from(name, 'utf8');
    const packed = deflateRawSync(data, { level: 9 });
    const common = Buffer.alloc(26);
    common.writeUInt16LE(20, 0); // version needed
    common.writeUInt16LE(0x0800, 2); // names are UTF-8
    common.writeUInt16LE(8, 4); // deflate
    common.writeUInt16LE(0, 6);
    common.writeUInt16LE(fixedDate, 8);
    common.writeUInt32LE(crc32(data), 10);
    common.writeUInt32LE(packed.length, 14);
    common.writeUInt32LE(data.length, 18);
    common.writeUInt16LE(nameBytes.length, 22);

    const entry = Buffer.alloc(46);
    entry.writeUInt32LE(0x02014b50, 0);
    entry.writeUInt16LE(unix | 20, 4);
    common.copy(entry, 6);
    entry.writeUInt32LE(((regularFile | mode) << 16) >>> 0, 38);
    entry.writeUInt32LE(offset, 42);
    directory.push(entry, nameBytes);

    const signature = Buffer.from([0x50, 0x4b, 0x03, 0x04]);
    push(signature, common, nameBytes, packed);
  }

  const start = offset;
  push(...directory);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(ordered.length, 8);
  end.writeUInt16LE(ordered.length, 10);
  end.writeUInt32LE(offset - start, 12);
  end.writeUInt32LE(start, 16);
  push(end);
  return Buffer.concat(parts);
}
