using System.Security.Cryptography;
using ActionTrail.Events;
using ActionTrail.Ingest;
using ActionTrail.Layout;
using ActionTrail.Segments;
using ActionTrail.Storage;

namespace ActionTrail.Verify;

/// <summary>Holds the objects of a commit against its row, and the rows of a segment against its blocks.</summary>
/// <remarks>The fresh segment of a commit that is compacted may be freed; while it is there it is checked, and its events are shown as those of the compacted ones.</remarks>
internal sealed class CommitContents(ITableStore tables, IObjectStore objects, CompactionHead compaction, VerifyOptions options, VerifyReport report)
{
    /// <summary>What the row alone says.</summary>
    public void CheckRow(Commit commit, string name)
    {
        if ((commit.Segment is null) != (commit.Count == 0))
            report.Add(name, $"The commit counts {commit.Count} events and names {(commit.Segment is null ? "no" : "a")} segment.");
        report.Quarantined += commit.Quarantine?.Count ?? 0;
        if (commit is { LostAt: { } lostAt, Segment: not null })
            report.Add(new VerifyLoss(commit.Partition, commit.First, commit.Last, commit.Count, lostAt));
    }

    /// <summary>The objects that the row names.</summary>
    public async Task CheckObjectsAsync(Commit commit, string name, CancellationToken cancellationToken)
    {
        if (commit is { LostAt: not null, Segment: { } lost })
        {
            if (await objects.FindAsync(Containers.Events, lost.Name, cancellationToken) is not null)
                report.Add(name, "The commit is marked as lost, and its segment is there: run the repair.");
        }
        else if (commit.Segment is { } segment)
        {
            await CheckSegmentAsync(commit, segment, cancellationToken);
        }

        if (commit.Quarantine is { } quarantine)
            await CheckQuarantineAsync(quarantine, cancellationToken);
    }

    private async Task CheckSegmentAsync(Commit commit, SegmentReference segment, CancellationToken cancellationToken)
    {
        var name = $"{Containers.Events}/{segment.Name}";
        if (await ReadAsync(Containers.Events, segment.Name, segment.Sha256, cancellationToken) is not { } content)
        {
            if (!compaction.Holds(commit) && !(await new CompactionLog(tables).ReadHeadAsync(commit.Store, cancellationToken)).Holds(commit))
                report.Add(name, "The object is missing.");
            return;
        }

        if (content.Length != segment.Length)
            report.Add(name, $"The segment has {content.Length} bytes; its commit says {segment.Length}.");
        try
        {
            var head = SegmentHead.Parse(content.AsMemory((int)segment.HeadOffset), segment.HeadOffset, content.Length);
            if (head.Count != commit.Count)
                report.Add(name, $"The segment holds {head.Count} events; its commit says {commit.Count}.");
            if (head.MinEventTimeMs != segment.MinEventTimeMs || head.MaxEventTimeMs != segment.MaxEventTimeMs)
                report.Add(name, "The segment's span of event times is not the one in its commit.");
            if (head.Accounts.Any(rows => !segment.Accounts.MayHold(Hash64.Of(rows.AccountId))))
                report.Add(name, "The commit's account summary leaves out an account of the segment.");
            var events = new SealedEvents(tables, objects, commit.Store, report);
            CheckRows(commit, head, content, name, events);
            await events.CheckAsync(name, cancellationToken);
        }
        catch (Exception error) when (error is SegmentFormatException or ArgumentOutOfRangeException)
        {
            report.Add(name, "The segment cannot be read: " + error.Message);
        }
    }

    private void CheckRows(Commit commit, SegmentHead head, byte[] content, string name, SealedEvents events)
    {
        var isShown = !compaction.Holds(commit);
        var (block, number, seen) = (default(SegmentBlock), -1, 0);
        var appended = commit.Mark?.Sha256 is null ? null : new List<(int Index, ReadOnlyMemory<byte> Body)>(commit.Count);
        foreach (var rows in head.Accounts)
        {
            for (var row = rows.First; row < rows.First + rows.Count; row++, seen++)
            {
                if (head.BlockOf(row) is var at && at != number)
                {
                    var range = head.Block(at);
                    (block, number) = (head.Decode(at, content.AsMemory((int)range.Offset, range.Length)), at);
                }

                var body = block!.Event(row);
                var place = head.At(row);
                if (EventMatcher.EventId(body.Span) is not { } id || Hash64.Of(id) != head.EventIdHash(row))
                    report.Add(name, $"Row {row} is indexed under another event id than its event has.");
                if (place.SequenceNumber < commit.First || place.SequenceNumber > commit.Last)
                    report.Add(name, $"Row {row} has the sequence number {place.SequenceNumber}, which its commit does not cover.");
                appended?.Add((place.Index, body));
                if (!isShown)
                    continue;
                events.Add(commit.Partition, commit.Last, row, body.Span);
                options.Visit?.Invoke(new VerifiedEvent(commit.Partition, place, rows.AccountId, head.EventTimeMs(row), body));
            }
        }

        if (seen != head.Count)
            report.Add(name, $"The accounts of the segment have {seen} rows together; the segment holds {head.Count}.");
        if (appended is not null && !Sha256(appended).AsSpan().SequenceEqual(commit.Mark!.Sha256))
            report.Add(name, $"The events of the segment are not those that were appended under {commit.Mark.Key}.");
    }

    private static byte[] Sha256(List<(int Index, ReadOnlyMemory<byte> Body)> appended)
    {
        using var hash = new AppendHash();
        foreach (var (_, body) in appended.OrderBy(static one => one.Index))
            hash.Add(body.Span);
        return hash.Sha256();
    }

    private async Task CheckQuarantineAsync(QuarantineReference quarantine, CancellationToken cancellationToken)
    {
        var name = $"{Containers.Quarantine}/{quarantine.Name}";
        if (await ReadAsync(Containers.Quarantine, quarantine.Name, quarantine.Sha256, cancellationToken) is not { } content)
        {
            report.Add(name, "The object is missing.");
            return;
        }

        try
        {
            if (QuarantineFormat.Read(content).Count is var count && count != quarantine.Count)
                report.Add(name, $"The object holds {count} records; its commit says {quarantine.Count}.");
        }
        catch (StoreException error) when (error.Kind == StoreErrorKind.Corrupt)
        {
            report.Add(name, error.Message);
        }
    }

    /// <summary>The whole object; null when it is missing.</summary>
    private async Task<byte[]?> ReadAsync(string container, string name, byte[] sha256, CancellationToken cancellationToken)
    {
        try
        {
            await using var stream = await objects.OpenReadAsync(container, name, cancellationToken);
            using var whole = new MemoryStream();
            await stream.CopyToAsync(whole, cancellationToken);
            var content = whole.ToArray();
            report.Bytes += content.Length;
            if (!SHA256.HashData(content).AsSpan().SequenceEqual(sha256))
                report.Add($"{container}/{name}", "The object's SHA-256 is not the one in its commit.");
            return content;
        }
        catch (StoreException error) when (error.Kind == StoreErrorKind.NotFound)
        {
            return null;
        }
    }
}
