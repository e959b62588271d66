using System.Buffers.Binary;
using System.Text;

namespace ActionTrail.Layout;

/// <summary>
/// The object of a sealing: header, the list of its commits, then the leaf hashes of each commit that has a root, in the order of the list. Little-endian.
/// <code>
/// header = "ATS1" major:u16 (1) minor:u16 (0) from:u64 commits:u32 listLength:u32 reserved:u64      32 bytes
/// commit = nameLength:u8 partition first:i64 last:i64 committedAt:i64 (UTC ticks) link:32 count:u32 hasRoot:u8 root:32
/// </code>
/// </summary>
public static class SealedLeaves
{
    public const int HeaderBytes = 32;
    private const int FixedBytes = 1 + 8 + 8 + 8 + 32 + 4 + 1 + 32;

    /// <summary>The object and the length of its list, header included.</summary>
    public static (byte[] Content, int ListLength) Write(long from, IReadOnlyList<SealedCommit> commits, ReadOnlySpan<byte> leaves)
    {
        var list = HeaderBytes + commits.Sum(static c => FixedBytes + c.Partition.ToString().Length);
        var content = new byte[list + leaves.Length];
        "ATS1"u8.CopyTo(content);
        BinaryPrimitives.WriteUInt16LittleEndian(content.AsSpan(4), 1);
        BinaryPrimitives.WriteInt64LittleEndian(content.AsSpan(8), from);
        BinaryPrimitives.WriteInt32LittleEndian(content.AsSpan(16), commits.Count);
        BinaryPrimitives.WriteInt32LittleEndian(content.AsSpan(20), list - HeaderBytes);
        var at = content.AsSpan(HeaderBytes);
        foreach (var commit in commits)
        {
            var name = Encoding.ASCII.GetBytes(commit.Partition.ToString());
            at[0] = (byte)name.Length;
            name.CopyTo(at[1..]);
            at = at[(1 + name.Length)..];
            BinaryPrimitives.WriteInt64LittleEndian(at, commit.First);
            BinaryPrimitives.WriteInt64LittleEndian(at[8..], commit.Last);
            BinaryPrimitives.WriteInt64LittleEndian(at[16..], commit.CommittedAt.UtcTicks);
            commit.Link.CopyTo(at[24..]);
            BinaryPrimitives.WriteInt32LittleEndian(at[56..], commit.Count);
            at[60] = commit.Root is null ? (byte)0 : (byte)1;
            commit.Root?.CopyTo(at[61..]);
            at = at[93..];
        }

        leaves.CopyTo(content.AsSpan(list));
        return (content, list);
    }

    /// <summary>The commits out of the beginning of the object.</summary>
    /// <exception cref="FormatException">It is no such list.</exception>
    public static List<SealedCommit> ReadList(ReadOnlySpan<byte> content)
    {
        if (content.Length < HeaderBytes || !content.StartsWith("ATS1"u8) || BinaryPrimitives.ReadUInt16LittleEndian(content[4..]) != 1)
            throw new FormatException("It does not begin as the object of a sealing does.");
        var (count, length) = (BinaryPrimitives.ReadInt32LittleEndian(content[16..]), BinaryPrimitives.ReadInt32LittleEndian(content[20..]));
        if (count < 0 || length < 0 || length > content.Length - HeaderBytes || count > length / FixedBytes)
            throw new FormatException("Its list of commits is longer than it is.");
        var at = content.Slice(HeaderBytes, length);
        var commits = new List<SealedCommit>(count);
        for (var i = 0; i < count; i++)
        {
            if (at.Length < FixedBytes || at.Length < FixedBytes + at[0] || !PartitionName.TryParse(Encoding.ASCII.GetString(at.Slice(1, at[0])), out var partition))
                throw new FormatException("Its list of commits is broken.");
            at = at[(1 + at[0])..];
            var (ticks, events) = (BinaryPrimitives.ReadInt64LittleEndian(at[16..]), BinaryPrimitives.ReadInt32LittleEndian(at[56..]));
            if (ticks < 0 || ticks > DateTimeOffset.MaxValue.Ticks || events < 0 || at[60] > 1)
                throw new FormatException("Its list of commits is broken.");
            commits.Add(new SealedCommit(
                partition, BinaryPrimitives.ReadInt64LittleEndian(at), BinaryPrimitives.ReadInt64LittleEndian(at[8..]), new DateTimeOffset(ticks, TimeSpan.Zero),
                at.Slice(24, 32).ToArray(), events, at[60] == 0 ? null : at.Slice(61, 32).ToArray()));
            at = at[93..];
        }

        return at.IsEmpty ? commits : throw new FormatException("Something follows its list of commits.");
    }
}
