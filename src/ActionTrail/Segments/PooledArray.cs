using System.Buffers;

namespace ActionTrail.Segments;

/// <summary>A growing list in one rented array with a single owner, kept through <see cref="Clear"/> for the next use.</summary>
internal sealed class PooledArray<T> : IDisposable
    where T : unmanaged
{
    private T[] items = [];

    public int Count { get; private set; }

    /// <summary>Bytes of the rented array.</summary>
    public long HeldBytes => (long)items.Length * System.Runtime.CompilerServices.Unsafe.SizeOf<T>();

    public Span<T> Span => items.AsSpan(0, Count);

    public ref T this[int index] => ref Span[index];

    public void Add(T item)
    {
        if (Count == items.Length)
            Grow(Count + 1);
        items[Count++] = item;
    }

    /// <summary>Makes the list <paramref name="count"/> long; what is new holds anything.</summary>
    public Span<T> Resize(int count)
    {
        if (count > items.Length)
            Grow(count);
        Count = count;
        return Span;
    }

    public void Clear() => Count = 0;

    public void Dispose()
    {
        var rented = items;
        items = [];
        Count = 0;
        if (rented.Length > 0)
            ArrayPool<T>.Shared.Return(rented);
    }

    private void Grow(int count)
    {
        var larger = ArrayPool<T>.Shared.Rent(Math.Max(Math.Max(count, 256), 2 * items.Length));
        Span.CopyTo(larger);
        if (items.Length > 0)
            ArrayPool<T>.Shared.Return(items);
        items = larger;
    }
}
