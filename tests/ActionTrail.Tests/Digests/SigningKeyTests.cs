using System.Security.Cryptography;
using System.Text;
using ActionTrail.Digests;
using ActionTrail.Storage;

namespace ActionTrail.Tests.Digests;

public sealed class SigningKeyTests
{
    private static readonly DateTimeOffset From = new(2026, 3, 1, 0, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData(SigningAlgorithm.Rsa, 256)]
    [InlineData(SigningAlgorithm.Ecdsa, 64)]
    public async Task What_a_key_signs_its_public_half_proves_and_no_other(SigningAlgorithm algorithm, int length)
    {
        var keys = new PemSigningKeys(PemSigningKeys.Create(algorithm, From));
        var key = Assert.Single(keys.Keys);
        var signature = await keys.SignAsync(key.Fingerprint, SHA256.HashData("text"u8), default);

        Assert.Equal(length, signature.Length);
        Assert.True(key.Verifies("text"u8, signature));
        Assert.False(key.Verifies("test"u8, signature));
        Assert.False(new PemSigningKeys(PemSigningKeys.Create(algorithm, From)).Keys[0].Verifies("text"u8, signature));
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(key.PublicKey)), key.Fingerprint);
        Assert.Equal(key.Fingerprint, Assert.Single(new PemSigningKeys(PemSigningKeys.FormatPublic([key])).Keys).Fingerprint);
    }

    [Fact]
    public async Task Of_several_keys_the_one_that_became_valid_last_signs_and_a_retired_one_cannot()
    {
        var old = new PemSigningKeys(PemSigningKeys.Create(SigningAlgorithm.Ecdsa, From)).Keys[0];
        var keys = new PemSigningKeys(PemSigningKeys.FormatPublic([old]) + PemSigningKeys.Create(SigningAlgorithm.Rsa, From.AddDays(10)));

        Assert.Null(keys.Keys.At(From.AddTicks(-1)));
        Assert.Equal(old.Fingerprint, keys.Keys.At(From.AddDays(9))!.Fingerprint);
        Assert.Equal(SigningAlgorithm.Rsa, keys.Keys.At(From.AddDays(10))!.Algorithm);
        Assert.Equal(StoreErrorKind.NotFound, (await Assert.ThrowsAsync<StoreException>(() => keys.SignAsync(old.Fingerprint, new byte[32], default))).Kind);
    }

    [Fact]
    public void A_file_that_breaks_the_form_is_refused_without_showing_what_is_in_it()
    {
        var good = PemSigningKeys.Create(SigningAlgorithm.Ecdsa, From);
        using var small = RSA.Create(1024);
        using var other = ECDsa.Create(ECCurve.NamedCurves.nistP384);
        string[] bad =
        [
            "", "text", good + good, good + "more", good[good.IndexOf('\n', StringComparison.Ordinal)..], "valid-from: yesterday\n" + good, "valid-until: 2020-01-01T00:00:00Z\n" + good,
            "something: else\n" + good, "valid-from: 2026-03-01T00:00:00Z\n" + small.ExportPkcs8PrivateKeyPem(), "valid-from: 2026-03-01T00:00:00Z\n" + other.ExportPkcs8PrivateKeyPem(),
            "valid-from: 2026-03-01T00:00:00Z\n-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
        ];
        foreach (var text in bad)
            Assert.DoesNotContain("BEGIN", Assert.Throws<FormatException>(() => new PemSigningKeys(text)).Message, StringComparison.Ordinal);
        Assert.Single(new PemSigningKeys("# of the production account\n" + good.ReplaceLineEndings("\r\n")).Keys);
    }

    [Fact]
    public void A_digest_reads_back_as_it_was_written_and_its_text_to_sign_is_that_of_the_recipe()
    {
        var digest = new Digest
        {
            AccountId = "acme",
            TrailName = "trail-one",
            TrailId = "trail-one.0abc",
            HomeRegion = "local",
            StartTime = From,
            EndTime = From.AddHours(1),
            Container = "audit-logs",
            Object = "a/b.json",
            KeyFingerprint = new string('a', 64),
            Algorithm = SigningAlgorithm.Rsa,
            IsLogging = true,
            Previous = new("audit-logs", "a/a.json", new string('b', 64), "c0ffee"),
            Files = [new("audit-logs", "ü/\"x\".json.gz", 3, 99, new string('d', 64)) { StoredHash = new string('e', 64), StoredBytes = 42, OldestEventTime = From, NewestEventTime = From.AddMilliseconds(5) }, new("other", "old", 1, 2, new string('f', 64))],
        };
        var content = DigestJson.Format(digest);
        Assert.True(DigestJson.TryParse(content, out var read, out _));
        Assert.Equal(content, DigestJson.Format(read));
        Assert.Equal(digest with { Files = [] }, read with { Files = [] });
        Assert.Equal(digest.Files, read.Files);
        Assert.Equal(
            $"2026-03-01T01:00:00Z\naudit-logs/a/b.json\n{Convert.ToHexStringLower(SHA256.HashData(content))}\nc0ffee",
            Encoding.UTF8.GetString(DigestText.ToSign(digest, content)));
        Assert.EndsWith("\nnull", Encoding.UTF8.GetString(DigestText.ToSign(digest with { Previous = null }, content)), StringComparison.Ordinal);
    }

    [Fact]
    public void A_signature_file_is_read_in_its_one_form_only()
    {
        var bytes = new DigestSignature(SigningAlgorithm.Rsa, "c0ffee").ToBytes();
        Assert.Equal("SHA256withRSA:c0ffee\n", Encoding.ASCII.GetString(bytes));
        Assert.Equal(new DigestSignature(SigningAlgorithm.Rsa, "c0ffee"), DigestSignature.Parse(bytes));
        foreach (var bad in (string[])["", "SHA256withRSA:c0ffee", "SHA256withRSA:C0FFEE\n", "SHA256withRSA:c0ffe\n", "MD5:c0ffee\n", "SHA256withRSA:c0ffee\n\n", " SHA256withRSA:c0ffee\n"])
            Assert.Null(DigestSignature.Parse(Encoding.ASCII.GetBytes(bad)));
    }
}
