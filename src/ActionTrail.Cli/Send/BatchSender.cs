using System.Globalization;

namespace ActionTrail.Cli.Send;

/// <summary>Sends a batch until all its good records are accepted and all bad ones are known.</summary>
internal sealed class BatchSender(ISendTarget target, string? contentType, bool stopsAtRefusal)
{
    /// <summary>The records that were refused, broken ones first. With <c>stopsAtRefusal</c> the first refused body ends it.</summary>
    public async Task<IReadOnlyList<RefusedRecord>> SendAsync(RecordBatch batch, CancellationToken cancellationToken)
    {
        var refused = new List<RefusedRecord>(batch.Broken);
        if (batch.Count > 0)
            await SendAsync(batch, [.. Enumerable.Range(0, batch.Count)], refused, cancellationToken);
        return refused;
    }

    // 1. Send. 2. Send each record that the answer points at alone: a record that carries others (docs/events.md, envelopes) shifts the
    // numbers behind it, so only an answer about one record is proof. 3. Send the others. When the answer points at none, halve.
    private async Task SendAsync(RecordBatch batch, List<int> indices, List<RefusedRecord> refused, CancellationToken cancellationToken)
    {
        while (indices.Count > 0)
        {
            var answer = await target.SendAsync(batch.Body(indices), contentType ?? batch.ContentType, cancellationToken);
            if (answer.IsAccepted)
                return;
            if (indices.Count == 1)
            {
                var index = indices[0];
                refused.AddRange(answer.Faults.DistinctBy(static f => f.Pointer).Select(f => new RefusedRecord(batch[index], batch.Record(index), Find(f.Pointer, 1)!.Value.Pointer, f.Rule)));
                return;
            }

            var named = answer.Faults.Select(f => Find(f.Pointer, indices.Count)?.Index).OfType<int>().Distinct().Order().ToList();
            foreach (var suspect in named)
                await SendAsync(batch, [indices[suspect]], refused, cancellationToken);
            if (named.Count == 0)
            {
                named = [.. Enumerable.Range(0, indices.Count / 2)];
                await SendAsync(batch, indices[..named.Count], refused, cancellationToken);
            }

            if (stopsAtRefusal && refused.Count > 0)
                return;
            indices = [.. indices.Where((_, i) => !named.Contains(i))];
        }
    }

    /// <summary>Reads <c>/12/eventTime</c>. Of a body with one record everything is about that. Null: about no record in particular.</summary>
    internal static (int Index, string Pointer)? Find(string pointer, int count)
    {
        var slash = pointer.Length > 1 ? pointer.IndexOf('/', 1) : -1;
        var head = slash < 0 ? pointer : pointer[..slash];
        var isIndexed = head.Length > 1 && head[0] == '/' && int.TryParse(head.AsSpan(1), NumberStyles.None, CultureInfo.InvariantCulture, out var index) && index < count;
        if (count == 1)
            return (0, isIndexed ? pointer[head.Length..] : pointer);
        return isIndexed ? (int.Parse(head.AsSpan(1), NumberStyles.None, CultureInfo.InvariantCulture), pointer[head.Length..]) : null;
    }
}
