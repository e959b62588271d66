using System.Buffers;
using System.Runtime.CompilerServices;

namespace ActionTrail.Delivery;

/// <summary>Cuts the due events of a delivery into batches, JSON arrays of at most so many bytes: the same events give the same batches.</summary>
internal static class BatchWriter
{
    /// <summary>A batch is good until the next one is asked for.</summary>
    public static async IAsyncEnumerable<EventBatch> CutAsync(
        DeliveryOrder order, IAsyncEnumerable<DueEvent> due, BatchForm form, int maxBytes, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var (batch, next) = (new ArrayBufferWriter<byte>(64 * 1024), new ArrayBufferWriter<byte>(4 * 1024));
        var (events, index) = (0, 0L);
        string? account = null;
        await foreach (var one in due.WithCancellation(cancellationToken))
        {
            next.ResetWrittenCount();
            form.Write(next, order, index++, one, maxBytes - 2);
            if (events > 0 && (batch.WrittenCount + next.WrittenCount + 2 > maxBytes || (form.IsByAccount && account != one.Account)))
            {
                yield return Close(batch, events, form.IsByAccount ? account : null);
                batch.ResetWrittenCount();
                events = 0;
            }

            batch.Write(events++ == 0 ? "["u8 : ","u8);
            batch.Write(next.WrittenSpan);
            account = one.Account;
        }

        if (events > 0)
            yield return Close(batch, events, form.IsByAccount ? account : null);
    }

    private static EventBatch Close(ArrayBufferWriter<byte> batch, int events, string? account)
    {
        batch.Write("]"u8);
        return new(batch.WrittenMemory, events, account);
    }
}
