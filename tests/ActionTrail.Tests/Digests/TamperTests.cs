using System.IO.Compression;
using System.Text;
using ActionTrail.Digests;
using ActionTrail.Digests.Validation;
using ActionTrail.Layout;
using Xunit.Abstractions;

namespace ActionTrail.Tests.Digests;

/// <summary>Everything that somebody who may write to the container could do to it is found, and the first bad object is named.</summary>
public sealed class TamperTests(ITestOutputHelper output)
{
    private static readonly DateTimeOffset End = new(2026, 3, 1, 18, 3, 0, TimeSpan.Zero);

    [Fact]
    public async Task An_untouched_copy_is_valid()
    {
        var (files, keys) = await CopyAsync();
        var report = await ValidateAsync(files, keys);
        Assert.Empty(report.Findings);
        Assert.Equal((12L, 8L, 2), (report.Digests, report.Files, report.Trails.Count));
    }

    [Fact]
    public async Task Any_changed_bit_of_any_object_is_found_and_its_object_named()
    {
        var (files, keys) = await CopyAsync(trails: 1, hours: 1, events: 2);
        var bits = 0;
        foreach (var (name, content) in files.All.ToList())
        {
            var changed = (byte[])content.Clone();
            files.All[name] = changed;
            for (var bit = 0; bit < 8 * content.Length; bit++)
            {
                changed[bit / 8] ^= (byte)(1 << (bit % 8));
                var report = await ValidateAsync(files, keys, hour: 13);
                Assert.True(report.FindingCount > 0, $"bit {bit} of {name}");
                Assert.Equal(name.Replace(".sig", "", StringComparison.Ordinal), report.Findings[0].Object.Replace(".sig", "", StringComparison.Ordinal));
                changed[bit / 8] ^= (byte)(1 << (bit % 8));
                bits++;
            }

            files.All[name] = content;
        }

        output.WriteLine($"{bits} bits of {files.All.Count} objects");
    }

    [Fact]
    public async Task Any_object_cut_short_grown_or_emptied_is_found_and_named()
    {
        var (files, keys) = await CopyAsync(trails: 1, hours: 3);
        foreach (var (name, content) in files.All.ToList())
        {
            foreach (var changed in (byte[][])[[], content[..^1], content[..(content.Length / 2)], [.. content, 0], [.. content, .. content]])
            {
                files.All[name] = changed;
                var report = await ValidateAsync(files, keys, hour: 15);
                Assert.True(report.FindingCount > 0, name);
                Assert.Equal(name.Replace(".sig", "", StringComparison.Ordinal), report.Findings[0].Object.Replace(".sig", "", StringComparison.Ordinal));
            }

            files.All[name] = content;
        }
    }

    [Fact]
    public async Task Any_deleted_object_is_found_and_named()
    {
        var (files, keys) = await CopyAsync(trails: 1, hours: 4);
        foreach (var (name, content) in files.All.ToList())
        {
            files.All.Remove(name);
            var report = await ValidateAsync(files, keys, hour: 16);
            Assert.True(report.FindingCount > 0, name);
            Assert.Equal((FindingKind.NotFound, name), (report.Findings[0].Kind, report.Findings[0].Object));
            files.All[name] = content;
        }
    }

    [Fact]
    public async Task The_newest_digests_taken_away_with_all_they_name_leave_a_gap()
    {
        var (files, keys) = await CopyAsync(trails: 1, hours: 4);
        foreach (var digest in Digests(files).TakeLast(2).Reverse().ToList())
        {
            foreach (var file in Read(files, digest).Files)
                files.All.Remove(file.Object);
            files.All.Remove(digest);
            files.All.Remove(digest + ".sig");
        }

        var report = await ValidateAsync(files, keys, hour: 16);
        Assert.Equal(FindingKind.Gap, Assert.Single(report.Findings).Kind);
        Assert.Contains("2026-03-01T14:00:00Z", report.Findings[0].Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_chain_cut_in_the_middle_names_the_missing_digest_and_the_time_that_nobody_covers()
    {
        var (files, keys) = await CopyAsync(trails: 1, hours: 5);
        var cut = Digests(files)[2];
        files.All.Remove(cut);
        files.All.Remove(cut + ".sig");
        var report = await ValidateAsync(files, keys, hour: 17);
        Assert.Equal((FindingKind.NotFound, cut), (report.Findings[0].Kind, report.Findings[0].Object));
        Assert.Contains(report.Findings, static f => f.Kind == FindingKind.Gap && f.Detail.Contains("2026-03-01T14:00:00Z to 2026-03-01T15:00:00Z", StringComparison.Ordinal));
        Assert.Equal(4, report.Digests);
    }

    [Fact]
    public async Task The_oldest_digests_taken_away_are_missed()
    {
        var (files, keys) = await CopyAsync(trails: 1, hours: 4);
        var (first, second) = (Digests(files)[0], Digests(files)[1]);
        foreach (var digest in (string[])[first, second])
        {
            files.All.Remove(digest);
            files.All.Remove(digest + ".sig");
        }

        var report = await ValidateAsync(files, keys, hour: 16);
        Assert.Equal((FindingKind.NotFound, second), (report.Findings[0].Kind, report.Findings[0].Object));
    }

    [Fact]
    public async Task Every_digest_of_a_trail_taken_away_leaves_files_that_nobody_names()
    {
        var (files, keys) = await CopyAsync();
        foreach (var name in files.All.Keys.Where(static n => n.Contains("trail-two", StringComparison.Ordinal)).ToList())
            files.All.Remove(name);
        var report = await ValidateAsync(files, keys);
        Assert.Equal(4, report.FindingCount);
        Assert.All(report.Findings, static f => Assert.Equal(FindingKind.Extra, f.Kind));

        foreach (var name in Digests(files).ToList())
            files.All.Remove(name);
        Assert.Equal(FindingKind.Gap, (await ValidateAsync(files, keys)).Findings[0].Kind);
    }

    [Fact]
    public async Task Two_files_that_change_places_are_both_named()
    {
        var (files, keys) = await CopyAsync();
        var (a, b) = (Logs(files)[0], Logs(files)[1]);
        (files.All[a], files.All[b]) = (files.All[b], files.All[a]);
        var report = await ValidateAsync(files, keys);
        Assert.Equal([a, b], report.Findings.Where(static f => f.Kind == FindingKind.Altered).Select(static f => f.Object).Order(StringComparer.Ordinal));
        Assert.Equal(2, report.FindingCount);
    }

    [Fact]
    public async Task A_renamed_file_is_named_with_the_place_where_it_lies()
    {
        var (files, keys) = await CopyAsync();
        var name = Logs(files)[0];
        var renamed = name.Replace("_0000_", "_0001_", StringComparison.Ordinal);
        files.All[renamed] = files.All[name];
        files.All.Remove(name);
        var finding = Assert.Single((await ValidateAsync(files, keys)).Findings);
        Assert.Equal((FindingKind.Moved, name), (finding.Kind, finding.Object));
        Assert.Contains(renamed, finding.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_of_another_hour_or_trail_in_the_place_of_one_is_altered_and_beside_it_one_too_many()
    {
        var (files, keys) = await CopyAsync();
        var logs = Logs(files);
        var original = files.All[logs[0]];
        foreach (var other in (string[])[logs[1], logs[^1]])
        {
            files.All[logs[0]] = files.All[other];
            var finding = Assert.Single((await ValidateAsync(files, keys)).Findings);
            Assert.Equal((FindingKind.Altered, logs[0]), (finding.Kind, finding.Object));
        }

        files.All[logs[0]] = original;
        var replayed = logs[0].Replace("_0000_", "_0007_", StringComparison.Ordinal);
        files.All[replayed] = original;
        var extra = Assert.Single((await ValidateAsync(files, keys)).Findings);
        Assert.Equal((FindingKind.Extra, replayed), (extra.Kind, extra.Object));
    }

    [Fact]
    public async Task A_digest_of_another_hour_or_trail_in_the_place_of_one_is_not_believed()
    {
        var (files, keys) = await CopyAsync();
        var digests = Digests(files);
        var ofFirst = digests.Where(static d => d.Contains("trail-one", StringComparison.Ordinal)).ToList();
        foreach (var (target, source) in new[] { (ofFirst[^1], ofFirst[0]), (ofFirst[^1], digests.Last(static d => d.Contains("trail-two", StringComparison.Ordinal))) })
        {
            var (digest, signature) = (files.All[target], files.All[target + ".sig"]);
            (files.All[target], files.All[target + ".sig"]) = (files.All[source], files.All[source + ".sig"]);
            var report = await ValidateAsync(files, keys);
            Assert.Equal((FindingKind.Moved, target), (report.Findings[0].Kind, report.Findings[0].Object));
            (files.All[target], files.All[target + ".sig"]) = (digest, signature);
        }
    }

    [Fact]
    public async Task A_digest_that_is_moved_or_copied_elsewhere_is_named()
    {
        var (files, keys) = await CopyAsync(trails: 1, hours: 4);
        var name = Digests(files)[1];
        var moved = name.Replace("/01/", "/02/", StringComparison.Ordinal);
        (files.All[moved], files.All[moved + ".sig"]) = (files.All[name], files.All[name + ".sig"]);
        var copied = await ValidateAsync(files, keys, hour: 16);
        Assert.Equal((FindingKind.Extra, moved), (copied.Findings[0].Kind, copied.Findings[0].Object));
        files.All.Remove(name);
        Assert.Equal((FindingKind.NotFound, name), ((await ValidateAsync(files, keys, hour: 16)).Findings[0].Kind, (await ValidateAsync(files, keys, hour: 16)).Findings[0].Object));
    }

    [Fact]
    public async Task A_forged_digest_signed_with_another_key_is_refused_whatever_key_it_names()
    {
        var (files, keys) = await CopyAsync(trails: 1, hours: 4);
        var own = new PemSigningKeys(PemSigningKeys.Create(SigningAlgorithm.Ecdsa, End.AddDays(-30)));
        var newest = Digests(files)[^1];
        var victim = Logs(files)[^1];
        var digest = Read(files, newest);
        var forged = digest with { Files = [.. digest.Files.Where(f => f.Object != victim)] };
        files.All.Remove(victim);

        await SignAsync(files, forged, own);
        var named = await ValidateAsync(files, keys, hour: 16);
        Assert.Equal((FindingKind.BadSignature, newest), (named.Findings[0].Kind, named.Findings[0].Object));
        await SignAsync(files, forged with { KeyFingerprint = own.Keys[0].Fingerprint }, own);
        var substituted = await ValidateAsync(files, keys, hour: 16);
        Assert.Equal((FindingKind.UnknownKey, newest), (substituted.Findings[0].Kind, substituted.Findings[0].Object));
    }

    [Fact]
    public async Task A_digest_with_the_right_signature_of_a_key_outside_its_time_is_refused()
    {
        var (files, keys) = await CopyAsync(trails: 1, hours: 2);
        SigningKey[] ended = [SigningKey.Of(keys[0].PublicKey, keys[0].ValidFrom, End.AddHours(-5))];
        var report = await ValidateAsync(files, ended, hour: 14);
        Assert.Equal(FindingKind.UnknownKey, report.Findings[0].Kind);
    }

    [Fact]
    public async Task Another_container_under_the_name_is_refused()
    {
        var (files, keys) = await CopyAsync(trails: 1, hours: 2, container: "elsewhere");
        Assert.Equal(FindingKind.Moved, (await ValidateAsync(files, keys, hour: 14)).Findings[0].Kind);
    }

    [Fact]
    public async Task A_file_compressed_anew_is_named_unless_only_the_content_is_asked_for()
    {
        var (files, keys) = await CopyAsync();
        var name = Logs(files)[0];
        using var plain = new MemoryStream();
        using (var gzip = new GZipStream(new MemoryStream(files.All[name]), CompressionMode.Decompress))
            gzip.CopyTo(plain);
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.NoCompression, leaveOpen: true))
            gzip.Write(plain.ToArray());
        files.All[name] = packed.ToArray();

        var finding = Assert.Single((await ValidateAsync(files, keys)).Findings);
        Assert.Contains("are those that were delivered", finding.Detail, StringComparison.Ordinal);
        var content = await ValidateAsync(files, keys, new ValidationOptions { ContentOnly = true });
        Assert.Equal((0L, 8L), (content.FindingCount, content.Files));
        files.All[name] = Encoding.UTF8.GetBytes("no gzip");
        Assert.Equal(FindingKind.Altered, Assert.Single((await ValidateAsync(files, keys, new ValidationOptions { ContentOnly = true })).Findings).Kind);
    }

    [Fact]
    public async Task A_range_of_time_and_one_trail_are_validated_alone()
    {
        var (files, keys) = await CopyAsync();
        var one = await ValidateAsync(files, keys, new ValidationOptions { Trail = "trail-one" });
        Assert.Equal((0L, 6L, 4L), (one.FindingCount, one.Digests, one.Files));
        var some = await ValidateAsync(files, keys, new ValidationOptions { Start = End.AddHours(-5), End = End.AddHours(-3).AddMinutes(-3) });
        Assert.Equal(0L, some.FindingCount);
        Assert.Equal(4, some.Files);
        files.All.Remove(Logs(files)[0]);
        Assert.Equal(0L, (await ValidateAsync(files, keys, new ValidationOptions { Start = End.AddHours(-5) })).FindingCount);

        // What digests of before START name is not waiting for one.
        (files, keys) = await CopyAsync(trails: 1, hours: 3);
        var newest = await ValidateAsync(files, keys, new ValidationOptions { Start = End.AddHours(-3).AddMinutes(-3) }, hour: 15);
        Assert.Equal((0L, 1L, 1L, 0L), (newest.FindingCount, newest.Digests, newest.Files, newest.Waiting));
    }

    [Fact]
    public async Task Any_text_in_the_place_of_a_digest_ends_in_a_finding()
    {
        var (files, keys) = await CopyAsync(trails: 1, hours: 2);
        var (name, random) = (Digests(files)[^1], new Random(11));
        var sound = files.All[name];
        for (var round = 0; round < 2000; round++)
        {
            var bytes = (byte[])sound.Clone();
            for (var change = random.Next(1, 8); change > 0; change--)
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            files.All[name] = bytes[random.Next(3)..];
            if (!files.All[name].AsSpan().SequenceEqual(sound))
                Assert.False((await ValidateAsync(files, keys, hour: 14)).IsSound);
        }
    }

    /// <summary>A container of some hours of one or two trails; the first four hours have a file each.</summary>
    private static async Task<(CopiedFiles Files, IReadOnlyList<SigningKey> Keys)> CopyAsync(int trails = 2, int hours = 6, string? container = "audit-logs", int events = 10)
    {
        var bench = await DigestBench.StartAsync();
        await bench.Delivery.StartTrailAsync("acme", "trail-one");
        if (trails == 2)
            await bench.Delivery.StartTrailAsync("acme", "trail-two");
        for (var hour = 0; hour < hours; hour++)
        {
            if (hour < 4)
                await bench.DeliverAsync(events + hour);
            bench.NextHour();
            await bench.SealAsync();
        }

        await bench.ProveAsync();
        var copied = await CopiedFiles.OfAsync(bench.Delivery.Objects, "audit-logs");
        if (container == "audit-logs")
            return (copied, bench.Keys.Keys);
        var other = new CopiedFiles(container);
        foreach (var (name, content) in copied.All)
            other.All[name] = content;
        return (other, bench.Keys.Keys);
    }

    private static Task<ValidationReport> ValidateAsync(CopiedFiles files, IReadOnlyList<SigningKey> keys, ValidationOptions? options = null, int hour = 18) =>
        new LogValidator(files, keys, options ?? new ValidationOptions(), new FixedTime(new DateTimeOffset(2026, 3, 1, hour, 3, 0, TimeSpan.Zero))).RunAsync(default);

    private static List<string> Digests(CopiedFiles files) => [.. files.All.Keys.Where(static n => DigestObjectName.TryParse(n, out _, out _))];

    private static List<string> Logs(CopiedFiles files) => [.. files.All.Keys.Where(static n => !DigestObjectName.IsInFolder(n)).OrderBy(static n => n.Split('_')[3], StringComparer.Ordinal).ThenBy(static n => n, StringComparer.Ordinal)];

    private static Digest Read(CopiedFiles files, string name)
    {
        Assert.True(DigestJson.TryParse(files.All[name], out var digest, out _));
        return digest;
    }

    private static async Task SignAsync(CopiedFiles files, Digest digest, PemSigningKeys keys)
    {
        var content = DigestJson.Format(digest);
        var signature = await keys.SignAsync(keys.Keys[0].Fingerprint, System.Security.Cryptography.SHA256.HashData(DigestText.ToSign(digest, content)), default);
        files.All[digest.Object] = content;
        files.All[digest.Object + ".sig"] = new DigestSignature(digest.Algorithm, Convert.ToHexStringLower(signature)).ToBytes();
    }

    private sealed class FixedTime(DateTimeOffset now) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => now;
    }
}
