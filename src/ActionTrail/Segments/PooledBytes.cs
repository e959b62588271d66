using System.Buffers;
using System.Buffers.Binary;

namespace ActionTrail.Segments;

/// <summary>A growing run of bytes in one rented array that has a single owner. <see cref="Detach"/> hands the array on.</summary>
internal sealed class PooledBytes : IDisposable
{
    private byte[] array = [];

    public int Length { get; private set; }

    /// <summary>Bytes of the rented array.</summary>
    public long HeldBytes => array.Length;

    public ReadOnlySpan<byte> Written => array.AsSpan(0, Length);

    /// <summary>As <see cref="Written"/>; valid until more is written.</summary>
    public ReadOnlyMemory<byte> WrittenMemory => array.AsMemory(0, Length);

    public Span<byte> At(int offset, int length) => array.AsSpan(0, Length).Slice(offset, length);

    /// <summary>At least <paramref name="size"/> writable bytes after what is written; <see cref="Advance"/> says how many were used.</summary>
    public Span<byte> GetSpan(int size)
    {
        if (array.Length - Length < size)
            Grow(size);
        return array.AsSpan(Length);
    }

    public void Advance(int count) => Length += count;

    /// <summary>Forgets what is written and keeps the array.</summary>
    public void Reset() => Length = 0;

    public void Write(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(GetSpan(bytes.Length));
        Length += bytes.Length;
    }

    public void WriteByte(byte value)
    {
        GetSpan(1)[0] = value;
        Length++;
    }

    public void WriteUInt16(ushort value)
    {
        BinaryPrimitives.WriteUInt16LittleEndian(GetSpan(2), value);
        Length += 2;
    }

    public void WriteUInt32(uint value)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(GetSpan(4), value);
        Length += 4;
    }

    public void WriteUInt64(ulong value)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(GetSpan(8), value);
        Length += 8;
    }

    /// <summary>The array, whose first <see cref="Length"/> bytes count; the caller returns it to the shared pool.</summary>
    public byte[] Detach()
    {
        var whole = array;
        array = [];
        Length = 0;
        return whole;
    }

    public void Dispose()
    {
        var rented = Detach();
        if (rented.Length > 0)
            ArrayPool<byte>.Shared.Return(rented);
    }

    private void Grow(int size)
    {
        var wanted = (long)Length + size;
        if (wanted > Array.MaxLength)
            throw new InvalidOperationException("A segment cannot be larger than an array.");
        var larger = ArrayPool<byte>.Shared.Rent((int)Math.Min(Array.MaxLength, Math.Max(wanted, 2L * array.Length)));
        Written.CopyTo(larger);
        if (array.Length > 0)
            ArrayPool<byte>.Shared.Return(array);
        array = larger;
    }
}
